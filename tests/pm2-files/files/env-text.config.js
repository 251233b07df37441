module.exports = { apps: [{ name: 'env-text', script: 'server.js', env: 'X_A=1' }] };
