module.exports = { apps: [{ name: 'instances-fraction', script: 'server.js', instances: 1.5 }] };
