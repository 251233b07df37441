module.exports = { apps: [{ name: 'script-interpreter-gone', script: 'server.js', interpreter: 'nonesuch' }] };
