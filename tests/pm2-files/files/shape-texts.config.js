module.exports = { apps: ['server.js'] };
