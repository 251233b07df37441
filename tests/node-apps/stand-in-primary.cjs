'use strict';

/*
 * A supervisor for tests of the preload alone: Node's own `cluster` primary with a shared accept queue (SCHED_NONE), or with --fork a
 * plain child process with a channel. It speaks the same internal messages as the daemon, and nothing else of it.
 *
 *     node stand-in-primary.cjs [--fork] program [args]
 *
 * It reads one JSON object per line from stdin and writes one per line to stdout:
 *   {"do":"start","workers":2}                                   then {"event":"hello"|"listening","pid":…}
 *   {"do":"reload","why":"reload","idleMs":…,"drainMs":…}        a newcomer for each, and when all listen, the others drain
 *   {"do":"drain","why":"stop",…}                                all drain, nobody takes their place
 *   {"do":"drainAgain","why":"stop",…}                           a second order to those that drain
 *   {"do":"hangUp"}                                              closes the channels, as a supervisor that died would
 * A worker that disconnects while it drains gets SIGINT, once; {"event":"exit","pid":…,"code":…,"signal":…} tells its end.
 */

const childProcess = require('child_process');
const cluster = require('cluster');
const path = require('path');
const readline = require('readline');

const words = process.argv.slice(2);
const forked = words[0] === '--fork' && Boolean(words.shift());
const preload = path.join(__dirname, '../../src/ZeroDown.Node/preload.cjs');
const env = {
  ZD_APP: 'app',
  NODE_OPTIONS: [process.env.NODE_OPTIONS, '--require "' + preload + '"'].filter(Boolean).join(' '),
};
const workers = new Map();

if (!forked) {
  cluster.schedulingPolicy = cluster.SCHED_NONE;
  cluster.setupPrimary({ exec: words[0], args: words.slice(1), silent: true, execArgv: [] });
}

function launch() {
  const child = forked
    ? childProcess.fork(words[0], words.slice(1), { env: Object.assign({}, process.env, env), silent: true, execArgv: [] })
    : cluster.fork(env).process;
  const worker = { child: child, draining: false, ready: null };
  workers.set(child.pid, worker);
  const ready = new Promise(function (resolve) { worker.ready = resolve; });
  child.on('internalMessage', function (message) {
    switch (message.cmd) {
      case 'NODE_ZD_HELLO':
        tell(child, 'hello', { version: message.version });
        if (forked)
          worker.ready();
        break;
      case 'NODE_ZD_DRAINING':
        tell(child, 'draining', { requests: message.requests, idle: message.idle });
        break;
      case 'NODE_ZD_DRAINED':
        tell(child, 'drained', {});
        break;
      case 'NODE_CLUSTER':
        if (message.act === 'listening') {
          tell(child, 'listening', { port: message.port });
          worker.ready();
        }
    }
  });
  child.on('message', function (message) { tell(child, 'message', { message: message }); });
  child.on('disconnect', function () {
    tell(child, 'disconnect', {});
    if (worker.draining)
      setTimeout(function () { child.kill('SIGINT'); }, 200); // a busy daemon takes its time
  });
  child.on('exit', function (code, signal) {
    workers.delete(child.pid);
    tell(child, 'exit', { code: code, signal: signal });
  });
  [child.stdout, child.stderr].forEach(function (stream) {
    readline.createInterface({ input: stream }).on('line', function (text) { tell(child, 'out', { text: text }); });
  });
  return ready;
}

function launchAll(count) {
  const all = [];
  for (let i = 0; i < count; i++)
    all.push(launch());
  return Promise.all(all);
}

function drain(order) {
  return function (worker) {
    worker.draining = true;
    worker.child.send({ cmd: 'NODE_ZD_DRAIN', why: order.why || 'reload', idleMs: order.idleMs, drainMs: order.drainMs, stay: order.stay });
  };
}

function tell(child, event, more) {
  process.stdout.write(JSON.stringify(Object.assign({ event: event, pid: child.pid }, more)) + '\n');
}

const serving = function () { return Array.from(workers.values()).filter(function (worker) { return !worker.draining; }); };
const orders = {
  start: function (order) { return launchAll(order.workers); },
  reload: function (order) {
    const old = serving();
    return launchAll(old.length).then(function () { old.forEach(drain(order)); });
  },
  drain: function (order) { serving().forEach(drain(order)); },
  drainAgain: function (order) { workers.forEach(drain(order)); },
  hangUp: function () { workers.forEach(function (worker) { worker.child.disconnect(); }); },
};

readline.createInterface({ input: process.stdin })
  .on('line', function (line) {
    const order = JSON.parse(line);
    Promise.resolve(orders[order.do](order)).then(function () { process.stdout.write(JSON.stringify({ event: 'done', did: order.do }) + '\n'); });
  })
  .on('close', function () {
    workers.forEach(function (worker) { worker.child.kill('SIGKILL'); });
    process.exit();
  });
