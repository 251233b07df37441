module.exports = { apps: [{ name: 'script-no-ending', script: 'www', time: true }] };
