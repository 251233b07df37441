module.exports = { apps: [{ name: 'cpus-half', script: 'server.js', instances: 0.5 }] };
