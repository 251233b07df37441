module.exports = { apps: [{ name: 'script-gone', script: 'gone.js', time: true }] };
