module.exports = { apps: [{ name: 'args-text', script: 'server.js', args: '--a b "c d"' }] };
