'use strict';
const http = require('http');
const { Server } = require('socket.io');

const server = http.createServer((request, response) => response.end(`hello, pid: ${process.pid}\n`));
new Server(server).on('connection', socket => socket.on('ask', (text, answer) => answer(`${text} pid: ${process.pid}`)));
server.listen(Number(process.env.PORT));
