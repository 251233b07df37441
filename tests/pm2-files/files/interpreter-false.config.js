module.exports = { apps: [{ name: 'interpreter-false', script: 'server.js', interpreter: false }] };
