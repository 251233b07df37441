// One GET every half second, for ever: prints the body, or `err` when the request failed. It never asks twice.
const http = require('http');

const url = process.argv[2] || 'http://127.0.0.1:4000/';

setInterval(() => {
  http.get(url, response => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', text => { body += text; });
    response.on('end', () => console.log(body.trim()));
    response.on('error', () => console.log('err'));
  }).on('error', () => console.log('err'));
}, 500);
