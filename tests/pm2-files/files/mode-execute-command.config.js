module.exports = { apps: [{ name: 'mode-execute-command', script: 'server.js', execute_command: true, instances: 1 }] };
