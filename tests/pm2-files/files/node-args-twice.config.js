module.exports = { apps: [{ name: 'node-args-twice', script: 'server.js', node_args: '--no-warnings', interpreter_args: '--trace-uncaught' }] };
