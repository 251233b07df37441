module.exports = { apps: [{ name: 'mode-cluster', script: 'server.js', exec_mode: 'cluster_mode' }] };
