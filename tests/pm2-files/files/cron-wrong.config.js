module.exports = { apps: [{ name: 'cron-wrong', script: 'server.js', cron_restart: 'at night' }] };
