'use strict';
// Has pm2 start each file of the folder that it stands in, one after the other, and prints what pm2 lists of it as one JSON text.
// PM2_HOME is the caller's; its daemon is ended at the end.
const fs = require('fs');
const os = require('os');
const pm2 = require('pm2');

let failed = () => {};
process.on('uncaughtException', error => failed(error));

const SHOWN = ['name', 'status', 'exec_mode', 'exec_interpreter', 'node_args', 'pm_exec_path', 'args', 'pm_cwd'];

const call = (verb, ...words) => new Promise((done, fail) => {
  failed = fail;
  pm2[verb](...words, (error, result) => (error ? fail(error) : done(result)));
});

(async () => {
  await call('connect');
  const files = {};
  for (const file of process.argv.slice(2)) {
    process.env.TEST_FILE = file;
    let error = null;
    try { await call('start', file); } catch (e) { error = String(Array.isArray(e) ? e[0] : e); }
    const apps = (await call('list')).map(app => ({ ...Object.fromEntries(SHOWN.map(key => [key, app.pm2_env[key]])), environ: environ(app.pid) }));
    files[file] = { error, apps };
    try { await call('delete', 'all'); } catch {}
  }
  await call('killDaemon').catch(() => {});
  // A pipe takes what it has room for.
  process.stdout.write(`${JSON.stringify({ cpus: os.cpus().length, files })}\n`, () => process.exit(0));
})();

function environ(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(variable => variable.startsWith('X_'));
  } catch {
    return [];
  }
}
