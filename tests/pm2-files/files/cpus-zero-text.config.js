module.exports = { apps: [{ name: 'cpus-zero-text', script: 'server.js', instances: '0' }] };
