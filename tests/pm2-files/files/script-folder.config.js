module.exports = { apps: [{ name: 'script-folder', script: './folder', time: true }] };
