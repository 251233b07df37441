exports.apps = [{ name: 'shape-module', script: 'server.js' }];
