module.exports = { apps: [{ name: 'flag-as-text', script: 'server.js', autorestart: 'true' }] };
