module.exports = { apps: [{ name: 'interpreter-empty', script: 'server.js', exec_interpreter: '' }] };
