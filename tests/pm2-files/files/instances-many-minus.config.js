module.exports = { apps: [{ name: 'instances-many-minus', script: 'server.js', instances: -100 }] };
