// A worker that wants to become root, to read another app's traffic or to stop the fleet: issue 10, points 5 to 12. Seeded, so that a run can be thrown again.
//   SEED     the dice
//   VICTIM   the port of an app of another user
//   CANARY   a folder in which only root may write, with files in it
// Its own folder (cwd) belongs to it. What goes wrong in here is meant to.
'use strict';
const childProcess = require('child_process');
const fs = require('fs');
const http = require('http');
const net = require('net');
const path = require('path');

const canary = process.env.CANARY;
const here = process.cwd();
let state = (Number(process.env.SEED) || 1) * 7919 + Number(process.env.NODE_APP_INSTANCE || 0) * 104729;

/** Numerical Recipes' generator: the same dice on every machine. */
function roll(sides) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 4294967296) * sides);
}

const pick = (list) => list[roll(list.length)];
const quietly = (act) => { try { return act(); } catch { return undefined; } };
process.on('uncaughtException', () => {});
process.on('SIGINT', () => {});

/** Who gets this answer was robbed. */
function serve(where) {
  const server = http.createServer((request, response) => { response.statusCode = 599; response.end('stolen'); });
  server.on('error', () => {});
  quietly(() => server.listen(where));
  if (roll(3) > 0) setTimeout(() => quietly(() => server.close()), roll(500));
}

/** Puts something else in the place of a file of ours. */
function replace(name) {
  const file = path.join(here, name);
  const aside = `${file}.${roll(1000)}`;
  quietly(() => fs.renameSync(file, aside));
  quietly(() => fs.rmSync(aside, { recursive: true, force: true }));
  switch (roll(6)) {
    case 0: return quietly(() => fs.symlinkSync(path.join(canary, pick(['secret', 'new', 'shadow'])), file));
    case 1: return quietly(() => fs.symlinkSync('/dev/zero', file));
    case 2: return quietly(() => childProcess.spawnSync('mkfifo', [file]));
    case 3: return quietly(() => fs.linkSync(path.join(canary, 'readable'), file));
    case 4: return quietly(() => fs.mkdirSync(file));
    default: return quietly(() => fs.symlinkSync(canary, file));
  }
}

/** A folder that is now ours and now root's. */
function swap(times) {
  const box = path.join(here, 'box');
  const real = path.join(here, 'real');
  quietly(() => fs.mkdirSync(real));
  for (let i = 0; i < times; i++) {
    quietly(() => fs.unlinkSync(box));
    quietly(() => fs.symlinkSync(i % 2 ? canary : real, box));
  }
}

const python = (text) => quietly(() => childProcess.spawn('python3', ['-c', text], { stdio: 'ignore' }).on('error', () => {}));

const deeds = {
  takesThePortOfAnother: () => serve({ port: Number(process.env.VICTIM), host: pick(['127.0.0.1', '0.0.0.0', '::', undefined]) }),
  takesAPrivilegedPort: () => serve(pick([80, 443, 22, 1])),
  bindsInRootsFolder: () => serve(path.join(canary, pick(['secret', 'sock', 'readable']))),
  bindsWhereItSwaps: () => {
    serve(path.join(here, 'box', pick(['secret', 'sock', 'shadow'])));
    const until = Date.now() + 30;
    while (Date.now() < until) swap(2);
  },
  bindsWithoutEnd: () => { for (let i = 0; i < 50; i++) serve(pick([0, path.join(here, `s${roll(5000)}`), `\0hostile${roll(5000)}`])); },
  asksWithoutEnd: () => {
    for (let i = 0; i < 200; i++) {
      quietly(() => process.send({ cmd: 'NODE_CLUSTER', act: 'queryServer', seq: roll(1e9), index: roll(10), address: 'a'.repeat(roll(20000)), port: roll(70000) - 1000, addressType: pick([4, 6, -1, 'udp4', null]), fd: -1, flags: roll(9), data: 'd'.repeat(roll(50000)) }));
    }
  },
  sendsNonsense: () => quietly(() => process.send({ cmd: pick(['NODE_CLUSTER', 'NODE_HANDLE', 'NODE_HANDLE_ACK', 'NODE_ZD_DRAINED', 'NODE_ZD_HELLO', 'NODE_']), act: pick(['online', 'listening', 'close', 'exitedAfterDisconnect', 'x']), seq: pick([1e300, -1, 'x', null]), data: 'z'.repeat(roll(2e6)) })),
  sendsHandles: () => {
    const server = net.createServer();
    quietly(() => process.send({ text: 'h'.repeat(roll(200000)) }, server._handle ? server : undefined));
  },
  replacesItsLog: () => replace(pick(['out.log', 'error.log'])),
  replacesItsPidFile: () => replace(pick(['app-0.pid', 'app-1.pid', 'app-2.pid', 'app-0.pid.new', 'app-1.pid.new'])),
  printsMuch: () => quietly(() => fs.writeSync(pick([1, 2]), pick(['x'.repeat(1e6), 'line\n'.repeat(100000), '\x1b[2J\x1b]0;owned\x07\n[zd] daemon ended\n', '\0\xff\n']))),
  liesAboutItself: () => {
    if (!process.env.NOTIFY_SOCKET) return;
    python(`import socket,os
s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM)
for i in range(200):
    try: s.sendto(b'STATUS=\\x1b[2J\\n2026-01-01 forged line\\rx\\nREADY=1\\nMAINPID=1\\nSTOPPING=1\\nWATCHDOG=1\\nEXTEND_TIMEOUT_USEC=999999999999'*${1 + roll(30)}, os.environ['NOTIFY_SOCKET'])
    except OSError: pass`);
  },
  fillsItsWatchedFolder: () => {
    const watched = path.join(here, 'watched');
    quietly(() => fs.symlinkSync('/', path.join(watched, `l${roll(100)}`)));
    for (let i = 0; i < 200; i++) quietly(() => fs.mkdirSync(path.join(watched, `${roll(50)}/${roll(50)}/${roll(50)}`), { recursive: true }));
  },
  opensWithoutEnd: () => {
    const opened = [];
    for (let i = 0; i < 20000; i++) { const fd = quietly(() => fs.openSync('/dev/null', 'r')); if (fd === undefined) break; opened.push(fd); }
    setTimeout(() => opened.forEach((fd) => quietly(() => fs.closeSync(fd))), 500);
  },
  watchesWithoutEnd: () => python(`import select,os,time
p=[os.open('/dev/null',0) for _ in range(2)]
r,w=os.pipe()
d=[os.dup(r) for _ in range(800)]
e=[select.epoll() for _ in range(100)]
try:
    for x in e:
        for y in d: x.register(y)
except OSError: pass
time.sleep(3)`),
  getsThereFirst: () => {
    for (const folder of ['/run/zerodown', '/run/zerodown/x', '/tmp/.zerodown']) quietly(() => fs.mkdirSync(folder));
    quietly(() => fs.writeFileSync('/run/zerodown/evil', 'x'));
  },
  spinsAround: () => { const until = Date.now() + 50; while (Date.now() < until); },
  dies: () => { if (roll(10) === 0) process.exit(roll(3)); },
};

console.log('hostile', process.pid, Object.keys(deeds).length, 'deeds');
(function next() {
  const deed = pick(Object.keys(deeds));
  quietly(deeds[deed]);
  setTimeout(next, 5 + roll(40));
})();
