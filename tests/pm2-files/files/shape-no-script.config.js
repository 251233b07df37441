module.exports = { apps: [{ name: 'shape-no-script' }] };
