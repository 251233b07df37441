module.exports = { apps: [{ name: 'stop-exit-codes', script: 'server.js', stop_exit_codes: ['a', 256] }] };
