module.exports = { apps: [{ name: 'cpus-zero', script: 'server.js', instances: 0 }] };
