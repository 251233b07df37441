module.exports = { output: 'standalone', outputFileTracingRoot: require('path').join(__dirname, '..') };
