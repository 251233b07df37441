module.exports = { apps: [{ name: 'number-as-word', script: 'server.js', kill_timeout: 'soon' }] };
