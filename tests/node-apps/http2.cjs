'use strict';
const http2 = require('http2');

http2.createServer((request, response) => {
  const delay = Number(new URL(request.url, 'http://localhost').searchParams.get('delay') || 0);
  setTimeout(() => response.end(`hello, pid: ${process.pid}\n`), delay);
}).listen(Number(process.env.PORT));
