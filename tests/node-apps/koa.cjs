'use strict';
const Koa = require('koa');

new Koa().use(async context => {
  await new Promise(done => setTimeout(done, Number(context.query.delay || 0)));
  context.body = `hello, pid: ${process.pid}\n`;
}).listen(Number(process.env.PORT));
