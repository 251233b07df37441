module.exports = { apps: [{ name: 'script-command', command: 'server.js' }] };
