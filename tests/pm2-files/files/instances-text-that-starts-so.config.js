module.exports = { apps: [{ name: 'instances-text-that-starts-so', script: 'server.js', instances: '1 of them' }] };
