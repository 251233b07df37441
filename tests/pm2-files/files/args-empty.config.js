module.exports = { apps: [{ name: 'args-empty', script: 'server.js', args: '' }] };
