'use strict';
const express = require('express');

const app = express();
app.get('/', async (request, response) => {
  await new Promise(done => setTimeout(done, Number(request.query.delay || 0)));
  response.send(`hello, pid: ${process.pid}\n`);
});
app.listen(Number(process.env.PORT));
