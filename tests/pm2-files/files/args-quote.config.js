module.exports = { apps: [{ name: 'args-quote', script: 'server.js', args: "it's late" }] };
