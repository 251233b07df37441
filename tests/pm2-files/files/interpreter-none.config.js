module.exports = { apps: [{ name: 'interpreter-none', script: './bin-www', interpreter: 'none' }] };
