module.exports = { apps: [{ name: 'name-prefix', script: 'server.js', name_prefix: 'blue' }] };
