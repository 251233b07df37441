module.exports = { apps: [{ name: 'node-args-empty', script: 'server.js', node_args: '' }] };
