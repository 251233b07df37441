module.exports = { apps: [{ name: 'foreign-keys', script: 'server.js', hostname: 'a', metrics: false, env_file: '.env', description: 'x', restartOnExit: true, x: { y: 1 } }] };
