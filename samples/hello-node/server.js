const http = require('http');

const port = Number(process.env.PORT) || 4000;
let count = 0;

http.createServer((request, response) => {
  response.end(`here is my voice: Hello World! now is: ${new Date().toISOString()} cnt: ${++count}\n`);
}).listen(port, () => console.log(`httpserver is listening on ${port}`));
