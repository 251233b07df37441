module.exports = { apps: [{ name: 'cpus-word', script: 'server.js', instances: 'auto' }] };
