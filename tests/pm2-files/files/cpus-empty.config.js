module.exports = { apps: [{ name: 'cpus-empty', script: 'server.js', instances: '' }] };
