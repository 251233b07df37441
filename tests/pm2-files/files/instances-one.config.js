module.exports = { apps: [{ name: 'instances-one', script: 'server.js', instances: 1 }] };
