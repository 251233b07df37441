module.exports = { apps: [{ name: 'script-twice', script: 'server.js', cmd: 'gone.js', exec: 'gone.js' }] };
