module.exports = { name: 'shape-object', script: 'server.js' };
