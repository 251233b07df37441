module.exports = { apps: [{ name: 'args-null', script: 'server.js', args: null }] };
