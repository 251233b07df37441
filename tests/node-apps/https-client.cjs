'use strict';
// Strict HTTPS clients, half of them kept alive: asks until stdin ends, never asks twice, then prints one line of JSON.
// A fresh connection offers the last TLS session that it got, whichever worker gave it.
const https = require('https');
const { URL } = require('url');

const url = new URL(process.argv[2]);
const clients = Number(process.argv[3]);
const counts = { requests: 0, failed: 0, problems: [], offered: 0, resumed: 0, resumedElsewhere: 0 };
let going = true;

function client(keepAlive) {
  const agent = keepAlive ? new https.Agent({ keepAlive: true, maxSockets: 1, maxCachedSessions: 0 }) : null;
  let ticket = null;
  let giver = null;
  let reused = false;

  function ask(done) {
    const offered = keepAlive ? null : ticket;
    const request = https.get({
      host: url.hostname, port: url.port, rejectUnauthorized: false,
      agent: agent || false, session: offered, headers: keepAlive ? {} : { connection: 'close' },
    }, response => {
      let body = '';
      response.on('data', text => { body += text; });
      response.on('error', fail);
      response.on('end', () => {
        counts.requests++;
        const pid = /pid: (\d+)/.exec(body)[1];
        if (offered !== null) {
          counts.offered++;
          counts.resumed += reused ? 1 : 0;
          counts.resumedElsewhere += reused && pid !== giver ? 1 : 0;
        }

        giver = pid;
        done();
      });
    });
    let failed = false;
    function fail(problem) {
      if (failed)
        return;
      failed = true;
      counts.requests++;
      counts.failed++;
      if (counts.problems.length < 10)
        counts.problems.push(`${problem.code} ${problem.message} ${keepAlive ? 'keep-alive' : 'fresh'}`);
      done();
    }

    request.on('error', fail);
    request.on('socket', socket => {
      if (keepAlive)
        return;
      socket.on('secureConnect', () => { reused = socket.isSessionReused(); });
      socket.on('session', session => { ticket = session; });
    });
  }

  return new Promise(resolve => {
    (function again() {
      if (!going) {
        if (agent)
          agent.destroy();
        resolve();
        return;
      }

      ask(() => setTimeout(again, Math.random() * 20));
    })();
  });
}

const all = [];
for (let i = 0; i < clients; i++)
  all.push(client(i % 2 === 0));
setInterval(() => { if (going) console.log(JSON.stringify({ requests: counts.requests })); }, 200).unref();
process.stdin.resume().on('end', () => { going = false; });
Promise.all(all).then(() => console.log(JSON.stringify(counts)));
