module.exports = { apps: [{ name: 'node-args-list', script: 'server.js', interpreter_args: ['--no-warnings'] }] };
