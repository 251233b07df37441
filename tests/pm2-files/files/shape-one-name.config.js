module.exports = { apps: [{ name: 'shape-one-name', script: 'a/index.js' }, { name: 'shape-one-name', script: 'b/index.js' }] };
