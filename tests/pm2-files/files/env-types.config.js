module.exports = { apps: [{ name: 'env-types', script: 'server.js', env: { X_A: 1, X_B: true, X_C: 'c d', X_D: { e: [1] }, X_E: 1.50, X_F: undefined, X_G: '$HOME ${X}' } }] };
