module.exports = { apps: [{ name: 'off-empty', script: 'server.js', max_memory_restart: '', min_uptime: '', cron_restart: '', watch: '', cwd: '', namespace: '', port: '', uid: '' }] };
