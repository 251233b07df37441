module.exports = { apps: [{ name: 'name-number-text', script: 'server.js', name: '12345' }] };
