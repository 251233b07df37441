module.exports = { apps: [{ name: 'numbers-odd', script: 'server.js', max_restarts: 2.5, kill_timeout: 1e12, restart_delay: 0.5, exp_backoff_restart_delay: -1, min_uptime: '1000h', port: 70000 }] };
