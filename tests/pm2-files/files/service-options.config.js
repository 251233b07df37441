module.exports = { apps: [{ name: 'service-options', script: 'server.js', pmx: false, io: { tracing: true }, automation: false, v8: true, vizion: false, windowsHide: true }] };
