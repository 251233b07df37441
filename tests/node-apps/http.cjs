'use strict';
// The scenario's server, with the worker's pid in the answer and ?delay=<ms> for slow ones.
const http = require('http');

let count = 0;
http.createServer((request, response) => {
  const delay = Number(new URL(request.url, 'http://localhost').searchParams.get('delay') || 0);
  const answer = () => response.end(`here is my voice: Hello World! now is: ${new Date().toISOString()} cnt: ${++count} pid: ${process.pid}\n`);
  if (delay > 0)
    setTimeout(answer, delay);
  else
    answer();
}).listen(Number(process.env.PORT), () => console.log(`httpserver is listening on ${process.env.PORT}`));
