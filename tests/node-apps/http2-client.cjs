'use strict';

/*
 * A strict client over HTTP/2: nothing is tried again, and every failure counts.
 *
 *     node http2-client.cjs http2|grpc PORT sessions streams delayMs
 *
 * So many sessions, in each so many loops that ask, wait for the whole answer, and ask again. A session that has been told to go is left for
 * a new one, as Node's documentation says. It prints a line of JSON every 100 ms, and ends when its stdin ends.
 */

const http2 = require('http2');

const kind = process.argv[2];
const numbers = process.argv.slice(3).map(Number);
const port = numbers[0], sessions = numbers[1], streams = numbers[2], delay = numbers[3];
const result = { answered: 0, failed: 0, pids: [], errors: {} };
let over = false;

function http2Session() {
  let session = null;
  return function ask() {
    if (session === null || session.closed || session.destroyed) {
      session = http2.connect('http://127.0.0.1:' + port);
      session.on('error', function () {}); // the stream says it too
    }

    return new Promise(function (resolve, reject) {
      const stream = session.request({ ':path': '/?delay=' + delay });
      let status = 0, text = '';
      stream.on('response', function (headers) { status = headers[':status']; });
      stream.on('data', function (data) { text += data; });
      stream.on('error', reject);
      stream.on('aborted', function () { reject(new Error('aborted')); });
      stream.on('close', function () { reject(new Error('closed with ' + stream.rstCode)); });
      stream.on('end', function () {
        if (status === 200 && /pid=\d+/.test(text))
          resolve(text);
        else
          reject(new Error('status ' + status + ', answer ' + text));
      });
    });
  };
}

function grpcChannel() {
  const grpc = require('@grpc/grpc-js');
  const Client = grpc.makeGenericClientConstructor(require('./grpc-text.cjs'), 'Voice');
  const client = new Client('127.0.0.1:' + port, grpc.credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 });
  return function ask() {
    return new Promise(function (resolve, reject) {
      client.ask(String(delay), function (problem, text) { return problem ? reject(problem) : resolve(text); });
    });
  };
}

async function loop(ask) {
  while (!over) {
    try {
      const pid = Number(/pid=(\d+)/.exec(await ask())[1]);
      result.answered++;
      if (!result.pids.includes(pid))
        result.pids.push(pid);
    } catch (problem) {
      result.failed++;
      const word = (problem.code || '') + ' ' + problem.message;
      result.errors[word] = (result.errors[word] || 0) + 1;
    }
  }
}

const loops = [];
for (let i = 0; i < sessions; i++) {
  const ask = kind === 'grpc' ? grpcChannel() : http2Session();
  for (let k = 0; k < streams; k++)
    loops.push(loop(ask));
}

function tell() { process.stdout.write(JSON.stringify(result) + '\n'); }

const telling = setInterval(tell, 100);
process.stdin.resume().on('end', function () {
  over = true;
  Promise.all(loops).then(function () {
    clearInterval(telling);
    tell();
    process.exit();
  });
});
