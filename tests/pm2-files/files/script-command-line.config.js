module.exports = { apps: [{ name: 'script-command-line', script: 'bash tool.sh', time: true }] };
