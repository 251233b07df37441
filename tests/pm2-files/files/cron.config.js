module.exports = { apps: [{ name: 'cron', script: 'server.js', cron_restart: '0 3 1 1 *' }] };
