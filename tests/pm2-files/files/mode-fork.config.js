module.exports = { apps: [{ name: 'mode-fork', script: 'server.js', exec_mode: 'fork', instances: 1 }] };
