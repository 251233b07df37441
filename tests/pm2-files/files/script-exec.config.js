module.exports = { apps: [{ name: 'script-exec', exec: 'server.js' }] };
