module.exports = { apps: [{ name: 'interpreter-twice-first-empty', script: 'tool.sh', exec_interpreter: '', interpreter: 'bash' }] };
