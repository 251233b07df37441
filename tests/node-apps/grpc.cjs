'use strict';

const grpc = require('@grpc/grpc-js');

const server = new grpc.Server();
server.addService(require('./grpc-text.cjs'), {
  ask: function (call, answer) { setTimeout(answer, Number(call.request), null, 'here is my voice pid=' + process.pid); },
  watch: function (call) {
    const ticking = setInterval(function () { call.write('pid=' + process.pid); }, 50);
    call.on('cancelled', function () { clearInterval(ticking); });
  },
});
server.bindAsync('127.0.0.1:' + process.env.PORT, grpc.ServerCredentials.createInsecure(), function (problem) {
  if (problem)
    throw problem;
  console.log('listening');
});
process.on('SIGINT', function () { server.tryShutdown(function () {}); });
