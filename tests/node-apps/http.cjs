'use strict';
// The scenario's server, with the worker's pid in the answer, ?delay=<ms> for slow ones and ?drip=<ms> for those that come in two pieces.
const http = require('http');

let count = 0;
http.createServer((request, response) => {
  const { searchParams } = new URL(request.url, 'http://localhost');
  const delay = Number(searchParams.get('delay') || searchParams.get('drip') || 0);
  const answer = () => response.end(`here is my voice: Hello World! now is: ${new Date().toISOString()} cnt: ${++count} pid: ${process.pid}\n`);
  if (searchParams.has('drip'))
    response.write('wait for it: ');
  if (delay > 0)
    setTimeout(answer, delay);
  else
    answer();
}).listen(Number(process.env.PORT), () => console.log(`httpserver is listening on ${process.env.PORT}`));
