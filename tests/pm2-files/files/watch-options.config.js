module.exports = { apps: [{ name: 'watch-options', script: 'server.js', watch: false, watch_options: { usePolling: true, followSymlinks: false, mine: 1 }, ignore_watch: [/node_modules/] }] };
