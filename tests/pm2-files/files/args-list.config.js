module.exports = { apps: [{ name: 'args-list', script: 'server.js', args: ['--a', 1, true] }] };
