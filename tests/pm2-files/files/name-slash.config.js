module.exports = { apps: [{ name: 'name-slash', script: 'server.js', name: '@acme/shop' }] };
