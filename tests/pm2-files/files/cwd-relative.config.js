module.exports = { apps: [{ name: 'cwd-relative', script: 'index.js', cwd: 'folder' }] };
