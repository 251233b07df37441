module.exports = { apps: [{ name: 'off-zero', script: 'server.js', max_memory_restart: 0, min_uptime: 0, cron_restart: '0', listen_timeout: 0, port: 0 }] };
