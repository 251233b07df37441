// A server on a port of its own that ends as Node's documentation shows it, and writes down what happens to it.
const fs = require('fs');
const http = require('http');

const say = (word) => fs.appendFileSync(process.env.WORDS, `${process.pid} ${word}\n`);

const server = http.createServer((request, response) => {
  response.setHeader('connection', 'close');
  if (request.url !== '/slow') {
    response.end(`pid=${process.pid}`);
    return;
  }

  say('in-flight');
  setTimeout(() => response.end(`answered pid=${process.pid}`), 1500);
});

for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    say(signal);
    server.close();
  });
}

server.listen(Number(process.env.PORT) + Number(process.env.NODE_APP_INSTANCE ?? 0), '127.0.0.1', () => say('listening'));
