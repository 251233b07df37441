module.exports = { apps: [{ name: 'typing-mistake', script: 'server.js', instnaces: 1 }] };
