module.exports = { apps: [{ name: 'env-null', script: 'server.js', env: { X_A: null } }] };
