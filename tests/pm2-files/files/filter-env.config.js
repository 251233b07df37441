module.exports = { apps: [{ name: 'filter-env', script: 'server.js', filter_env: ['X_'], treekill: false, wait_ready: false, shutdown_with_message: false }] };
