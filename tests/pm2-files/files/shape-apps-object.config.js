module.exports = { apps: { name: 'shape-apps-object', script: 'server.js' } };
