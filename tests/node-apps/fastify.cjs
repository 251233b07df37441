'use strict';
// As its documentation shows it, with the shutdown that people add: while it closes, Fastify answers 503 to whoever is still connected.
const fastify = require('fastify')();

fastify.get('/', async request => {
  await new Promise(done => setTimeout(done, Number(request.query.delay || 0)));
  return `hello, pid: ${process.pid}\n`;
});
fastify.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    await fastify.close();
    process.exit(0);
  });
}
