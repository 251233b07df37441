module.exports = { apps: [{ name: 'script-cmd', cmd: 'server.js' }] };
