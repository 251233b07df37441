module.exports = { apps: [{ name: 'flag-as-number', script: 'server.js', autorestart: 1 }] };
