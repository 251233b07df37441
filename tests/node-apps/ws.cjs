'use strict';
const http = require('http');
const { WebSocketServer } = require('ws');

const server = http.createServer((request, response) => response.end(`hello, pid: ${process.pid}\n`));
new WebSocketServer({ server }).on('connection', socket => socket.on('message', text => socket.send(`${text} pid: ${process.pid}`)));
server.listen(Number(process.env.PORT));
