module.exports = { apps: [{ name: 'interpreter-camel', script: 'tool.sh', execInterpreter: 'bash' }] };
