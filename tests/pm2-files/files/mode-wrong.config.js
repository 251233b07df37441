module.exports = { apps: [{ name: 'mode-wrong', script: 'server.js', exec_mode: 'clustr' }] };
