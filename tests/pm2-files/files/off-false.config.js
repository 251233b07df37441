module.exports = { apps: [{ name: 'off-false', script: 'server.js', max_memory_restart: false, min_uptime: false, cron_restart: false, kill_timeout: false, exec_mode: false }] };
