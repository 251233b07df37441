'use strict';
// One line in, one line out: asks the server through one socket.io connection over websocket, and says when that connection has ended.
const { io } = require('socket.io-client');
const readline = require('readline');

const socket = io(process.argv[2], { transports: ['websocket'], reconnection: false });
socket.on('connect', () => console.log('connected'));
socket.on('connect_error', problem => console.log(`failed ${problem.message}`));
socket.on('disconnect', reason => { console.log(`ended ${reason}`); process.exit(0); });
readline.createInterface({ input: process.stdin })
  .on('line', text => socket.emit('ask', text, answer => console.log(answer)))
  .on('close', () => process.exit(0));
