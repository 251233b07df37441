'use strict';
// Prints, for each option of pm2's schema, which of a set of odd values pm2 takes: its checks pass, and the app could be launched.
// A folder of its own is the argument, with an app.js in it.
process.env.PM2_SILENT = 'true';
const Common = require('pm2/lib/Common.js');
const schema = require('pm2/lib/API/schema.json');

const VALUES = [
  'null', 'false', 'true', '0', '1', '-1', '0.5', '1.5', '1e3', '70000', '99999999999', '1e12', '""', '" "', '"0"', '"1"', '" 5 "', '"1.5"', '"1e3"', '"-1"',
  '"10M"', '"10s"', '"1000h"', '"abc"', '"a b"', '"it\'s"', '"true"', '"false"', '"max"', '"json"', '"fork"', '"cluster"', '"0 3 * * *"', '"${NOPE}"', '"a$$b"',
  '[]', '[1]', '["a"]', '["a", 1]', '[null]', '[["a"]]', '[{}]', '{}', '{"a": 1}', '{"a": null}', '{"a": {"b": [1]}}', '{"a=b": 1}',
];

process.chdir(process.argv[2]);
console.log('# Which values pm2 7.0.4 starts with; written by schema.cjs, see README.md\n');
console.log(`all\t${VALUES.join('\t')}`);
for (const option of Object.keys(schema)) {
  // Who exists on the machine decides about uid and gid, and what is on PATH about the interpreter; a script is needed by all.
  // For trace and deep_monitoring pm2 installs packages, and npm's words would stand among ours.
  if (['script', 'uid', 'gid', 'trace', 'deep_monitoring'].includes(option)) continue;
  const key = option.includes('\\') ? 'env_staging' : option;
  const texts = key === 'exec_interpreter' ? ['""'] : VALUES;
  console.log([key, ...texts.filter(value => starts(key, JSON.parse(value)))].join('\t'));
}

function starts(key, value) {
  try {
    const apps = Common.verifyConfs([{ script: 'app.js', [key]: value }]);
    return !(apps instanceof Error) && !(Common.resolveAppAttributes({ cwd: process.cwd() }, apps[0]) instanceof Error);
  } catch {
    return false;
  }
}
