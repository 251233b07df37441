'use strict';
// Evaluates one config file and writes what it exports, or what went wrong, as one JSON text to fd 3. Run by zd as
// node -e, with the kind, the file and zd's own words as arguments. Kind "program": the file is run. Kind "expression": its text
// comes on stdin, and is one value in JavaScript's notation. fd 1 is stderr here, so the file may print what it likes.
const { writeSync, readFileSync } = require('fs');
const { spawnSync } = require('child_process');
const { pathToFileURL } = require('url');
const { Script } = require('vm');

const OLDEST = 18;
const DEEPEST = 40;
const [node, kind, file, ...words] = process.argv;
process.argv = [node, 'zd', ...words];
// Globals of -e that an ES module does not have elsewhere.
for (const name of ['module', 'exports', 'require', '__filename', '__dirname']) delete globalThis[name];

let answered = false;

function answer(what) {
  if (answered) return;
  answered = true;
  const bytes = Buffer.from(JSON.stringify({ node: process.version, ...what }));
  for (let at = 0; at < bytes.length;) at += writeSync(3, bytes, at);
  process.exit(0);
}

class Refused extends Error {
  constructor(path, what, hint) {
    super(what);
    this.refusal = { path, message: what, hint };
  }
}

// JSON.stringify would lose a function and turn a Map into {} without a word.
function plain(value, path, parents) {
  switch (typeof value) {
    case 'boolean': case 'undefined': return value;
    // Half a character becomes what node makes of it in an argument or a variable.
    case 'string': return Buffer.from(value).toString();
    case 'number': return Number.isFinite(value) ? value : String(value);
    case 'bigint': return String(value);
    case 'function': throw new Refused(path, 'a function cannot be part of a config', 'write what it returns');
    case 'symbol': throw new Refused(path, 'a symbol cannot be part of a config');
  }
  if (value === null) return null;
  if (value instanceof RegExp) return String(value);
  if (typeof value.then === 'function') throw new Refused(path, 'a promise cannot be part of a config', 'await it; a file may export a promise of the whole config');
  if (parents.includes(value)) throw new Refused(path, 'this value contains itself');
  if (parents.length > DEEPEST) throw new Refused(path, 'nested too deeply');
  const within = [...parents, value];
  if (typeof value.toJSON === 'function' && !Array.isArray(value)) return plain(value.toJSON(), path, within);
  if (Array.isArray(value)) return Array.from(value, (item, i) => plain(item, `${path}[${i}]`, within) ?? null);
  const type = Object.prototype.toString.call(value).slice(8, -1);
  if (['String', 'Number', 'Boolean'].includes(type)) return plain(value.valueOf(), path, within);
  if (type !== 'Object' && type !== 'Module') throw new Refused(path, `a ${type} cannot be part of a config`, 'write a plain object or a list');
  const result = {};
  for (const key of Object.keys(value)) {
    const way = path ? `${path}.${key}` : key;
    const item = plain(value[key], way, within);
    // Not by assignment: a key called __proto__ is a key.
    if (item !== undefined) Object.defineProperty(result, key, { value: item, enumerable: true });
  }
  return result;
}

// pm2 takes module.exports and a named export 'apps'; a default export is what people write today.
function exported(module) {
  const { default: whole, ...named } = module;
  const value = whole === undefined || ('apps' in named && (whole === null || typeof whole !== 'object')) ? named : whole;
  return value && value.__esModule && value.default !== undefined ? value.default : value;
}

// Where in the file: "<file>:<line>:<column>" of a stack.
function placeIn(text) {
  for (const name of [file, pathToFileURL(file).href]) {
    const at = text.indexOf(name + ':');
    const found = at < 0 ? null : /^:(\d+)(?::(\d+))?/.exec(text.slice(at + name.length));
    if (found) return { line: Number(found[1]), column: Number(found[2] ?? 0) };
  }
  return null;
}

function thrown(error) {
  const stack = error instanceof Error && typeof error.stack === 'string' ? error.stack : '';
  // The place of a syntax error in an ES module is nowhere in the error; node --check prints it.
  const place = placeIn(stack) ?? (error instanceof SyntaxError ? placeIn(String(spawnSync(process.execPath, ['--check', file]).stderr)) : null);
  let message;
  try {
    message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  } catch {
    message = 'something that cannot be shown';
  }
  return { message, code: String(error?.code ?? ''), ...place };
}

function failed(error) {
  answer(error instanceof Refused ? { refusal: error.refusal } : { thrown: thrown(error) });
}

process.on('uncaughtException', failed);
// Nothing is left to run, and the promise is still open.
process.on('beforeExit', () => answer({ pending: true }));
process.on('exit', code => answer(code === 13 ? { pending: true } : { ended: code }));

// As pm2 reads it: nothing may follow the value, and the globals are there (process.env). A line comment may be its end.
function valueOf(text) {
  return new Script(`(${text}\n)`, { filename: file, columnOffset: -1 }).runInThisContext();
}

async function exportOf(module) {
  if (Object.keys(module).length === 0)
    throw new Refused('', 'it exports nothing', 'this is an ES module: write export const apps = […], or rename it to end in .cjs if it says module.exports');
  const value = exported(module);
  if (typeof value === 'function') throw new Refused('', 'it exports a function', 'export what the function returns: module.exports = f()');
  const isPromise = value && typeof value.then === 'function';
  const result = isPromise ? await value : value;
  if (typeof result === 'function') throw new Refused('', 'its promise is of a function', 'export a promise of what the function returns');
  return result;
}

async function evaluate() {
  if (Number(process.versions.node.split('.')[0]) < OLDEST) answer({ tooOld: true });
  const isProgram = kind === 'program';
  const value = isProgram ? await exportOf(await import(pathToFileURL(file).href)) : valueOf(readFileSync(0, 'utf8'));
  const [verb, example] = isProgram ? ['exports', 'module.exports = { apps: [{ script: … }] }'] : ['is', '{ "apps": [{ "script": … }] }'];
  if (value === null || typeof value !== 'object') throw new Refused('', `it ${verb} ${value === null ? 'null' : `a ${typeof value}`}, not an object with 'apps'`, example);
  if (!Array.isArray(value) && Object.keys(value).length === 0) throw new Refused('', isProgram ? 'it exports nothing' : 'the object is empty', example);
  answer({ value: plain(value, '', []) });
}

evaluate().catch(failed);
