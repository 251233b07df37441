module.exports = [{ name: 'shape-list', script: 'server.js' }];
