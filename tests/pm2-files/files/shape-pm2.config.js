module.exports = { pm2: [{ name: 'shape-pm2', script: 'server.js' }] };
