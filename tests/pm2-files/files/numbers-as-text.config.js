module.exports = { apps: [{ name: 'numbers-as-text', script: 'server.js', max_restarts: '5', kill_timeout: '3000', min_uptime: '5000', restart_delay: ' 100 ', max_memory_restart: '300000000' }] };
