module.exports = { apps: [{ name: 'cwd-dot', script: 'server.js', cwd: '.' }] };
