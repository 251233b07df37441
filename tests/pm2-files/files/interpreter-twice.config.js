module.exports = { apps: [{ name: 'interpreter-twice', script: 'tool.sh', exec_interpreter: 'bash', interpreter: 'node' }] };
