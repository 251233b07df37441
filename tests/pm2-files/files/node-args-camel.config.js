module.exports = { apps: [{ name: 'node-args-camel', script: 'server.js', nodeArgs: '--no-warnings' }] };
