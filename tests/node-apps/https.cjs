'use strict';
const fs = require('fs');
const https = require('https');

const options = { key: fs.readFileSync(process.env.TLS_KEY), cert: fs.readFileSync(process.env.TLS_CERT) };
https.createServer(options, (request, response) => response.end(`hello, pid: ${process.pid}\n`)).listen(Number(process.env.PORT));
