module.exports = { name: 'other', watch: true, version: 1, apps: [{ name: 'shape-beside', script: 'server.js' }] };
