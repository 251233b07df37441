module.exports = { apps: [{ name: 'script-package', script: 'package', time: true }] };
