module.exports = { apps: [{ name: 'instances-text', script: 'server.js', instances: '1' }] };
