module.exports = { apps: [{ name: 'off-null', script: 'server.js', max_memory_restart: null, min_uptime: null, cron_restart: null, watch: null, cwd: null, instances: null, env: null, uid: null }] };
