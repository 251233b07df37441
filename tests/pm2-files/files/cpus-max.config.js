module.exports = { apps: [{ name: 'cpus-max', script: 'server.js', instances: 'max' }] };
