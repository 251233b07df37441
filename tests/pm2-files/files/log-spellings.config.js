module.exports = { apps: [{ name: 'log-spellings', script: 'server.js', out: '/dev/null', output: '/dev/null', err: '/dev/null', error: 'NULL', log: false, merge_logs: false, combine_logs: true }] };
