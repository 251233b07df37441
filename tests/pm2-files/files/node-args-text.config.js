module.exports = { apps: [{ name: 'node-args-text', script: 'server.js', node_args: '--no-warnings --trace-uncaught' }] };
