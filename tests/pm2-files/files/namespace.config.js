module.exports = { apps: [{ name: 'namespace', script: 'server.js', namespace: 'shop', autostart: true }] };
