module.exports = { apps: [{ name: 'env-odd-name', script: 'server.js', env: { X_A: 'a', '': 'empty' } }] };
