module.exports = { apps: [{ name: 'name-blank', script: 'server.js', name: 'a b' }] };
