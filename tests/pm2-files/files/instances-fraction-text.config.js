module.exports = { apps: [{ name: 'instances-fraction-text', script: 'server.js', instances: '1.5' }] };
