module.exports = { apps: [{ name: 'log-off', script: 'server.js', out_file: false, error_file: '', log_file: '', log_date_format: false, log_type: 'text', pid_file: '' }] };
