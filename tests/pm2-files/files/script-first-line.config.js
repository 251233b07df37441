module.exports = { apps: [{ name: 'script-first-line', script: './bin-www', time: true }] };
