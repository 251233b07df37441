module.exports = { apps: [{ name: 'instances-list', script: 'server.js', instances: [1] }] };
