'use strict';

/*
 * ZeroDown's preload for Node workers: lets an unchanged program go without losing a request. README.md beside this file tells the scheme.
 *
 * A server that closes an idle connection races the request that the client is just sending, and that is what Node does when it stops.
 * So nothing is closed here that may still speak: accepting ends at once, each further answer says that it was the last one on its
 * connection (`Connection: close`, GOAWAY), and a silent connection is left alone until it has spoken or its time is over.
 *
 * It is loaded through NODE_OPTIONS, so every Node program that the worker starts would load it too. It therefore acts in one process
 * only, the one that owns the supervisor's channel, and takes itself out of NODE_OPTIONS. Nothing here may ever throw into the program.
 * ES2015 only: a Node that is too old for us must still be able to parse this file and start its program.
 */

const VERSION = '0.1.0';

// What a stop, a restart or a delete does not wait for; in a roll they have all the time there is.
const ABRUPT = ['stop', 'restart', 'delete', 'shutdown'];
const TICK_MS = 100;
const REPORT_MS = 250;
// The supervisor's own clock ends the drain at the same moment. Half-closing and saying good-bye has to come before its signal.
const FAREWELL_MS = 1000;
// After our last byte: how long the client may take to close (a close with unread bytes would reset what it has not read yet).
const LINGER_MS = 2000;
const AWAIT_SIGNAL_MS = 60000;
// A busy HTTP/2 session gets its GOAWAY after this time even if its client never had a pause in which it had taken all answers.
const PROOF_MS = 1000;
// Long enough for a sibling that was woken by the same connection to be put on a processor.
const GIVE_WAY_MS = 0.1;
const PEAK_MS = 250;

const MAJOR = parseInt(process.versions.node, 10);
const CONNECTION = Symbol('ZeroDown connection');
const STAND_IN = Symbol('ZeroDown stand-in');

const IDLE = 0;
const REQUEST = 1;
const LONG_LIVED = 2;

// Kept before a program can replace them.
const later = setTimeout;
const every = setInterval;
const noMore = clearInterval;
const nevermind = clearTimeout;
const send = process.send;
const signals = require('os').constants.signals;

try {
  leaveNodeOptions();
  if (ownsTheChannel()) {
    mapStacks();
    install();
  }
} catch (_) {
  // Some Node that we do not know. The supervisor hears no hello, and drains it as it drains any program.
}

function ownsTheChannel() {
  // NODE_CHANNEL_FD itself is gone by now: Node takes it out of the environment when it opens the channel.
  const env = process.env;
  return Boolean(env.ZD_APP)
    && typeof send === 'function'
    && process.connected === true
    && (!env.SYSTEMD_EXEC_PID || env.SYSTEMD_EXEC_PID === String(process.pid))
    && require('worker_threads').isMainThread;
}

/** Takes `--require <this file>` out of our own environment, and leaves every other byte of it alone. */
function leaveNodeOptions() {
  const options = process.env.NODE_OPTIONS;
  if (!options)
    return;
  // Node splits at spaces; a token may have parts in double quotes, in which a backslash escapes.
  const token = /(?:"(?:[^"\\]|\\.)*"|[^\s"])+/g;
  const tokens = [];
  for (let found; (found = token.exec(options)) !== null;)
    tokens.push({ from: found.index, to: token.lastIndex, text: unquoted(found[0]) });
  let rest = '';
  let at = 0;
  for (let i = 0; i < tokens.length; i++) {
    const text = tokens[i].text;
    const pair = (text === '--require' || text === '-r') && i + 1 < tokens.length && tokens[i + 1].text === __filename;
    if (!pair && text !== '--require=' + __filename)
      continue;
    rest += options.slice(at, tokens[i].from);
    if (pair)
      i++;
    at = tokens[i].to;
  }

  if (at === 0)
    return;
  rest = (rest + options.slice(at)).trim();
  if (rest)
    process.env.NODE_OPTIONS = rest;
  else
    delete process.env.NODE_OPTIONS;
}

/** Stack traces name the sources of compiled files (a .map beside them), unless the command line or NODE_OPTIONS decides it. */
function mapStacks() {
  const given = process.execArgv.concat((process.env.NODE_OPTIONS || '').split(/\s+/));
  const isDecided = given.some(function (option) { return /^--(no[-_])?enable[-_]source[-_]maps$/.test(option); });
  if (!isDecided && typeof process.setSourceMapsEnabled === 'function')
    process.setSourceMapsEnabled(true);
}

function unquoted(token) {
  return token.replace(/"((?:[^"\\]|\\.)*)"/g, function (_, inner) { return inner.replace(/\\(.)/g, '$1'); });
}

function install() {
  const EventEmitter = require('events');
  const net = require('net');
  const http = require('http');

  // Asked before the program can have listened: a cluster worker's own listener is there already. (Loading `cluster` in any other
  // process would settle its scheduling policy before the program can choose one.)
  const cluster = process.listenerCount('disconnect') > 0 ? require('cluster') : null;

  const servers = new Set();
  const sharedUdp = new Set();
  const open = new Set();
  const napping = cluster !== null && cluster.isWorker ? new Int32Array(new SharedArrayBuffer(4)) : null;
  let peak = 0;
  let peakSince = 0;
  const unclosed = new Set();
  let drain = null;
  let accepting = null;
  let answersWatched = false;
  let waiting = null;
  let toldToEnd = false;

  watchSignals();
  watchServers();
  watchHeads();
  if (cluster !== null && cluster.isWorker)
    watchCluster();
  watchDisconnect();
  process.on('internalMessage', function (message) {
    if (message !== null && typeof message === 'object' && message.cmd === 'NODE_ZD_DRAIN')
      order(message);
  });
  say({ cmd: 'NODE_ZD_HELLO', version: VERSION });

  // ---------------------------------------------------------------- what is open

  /** Every server of every kind is a net.Server, and every event that matters is emitted on it. */
  function watchServers() {
    define(net.Server.prototype, 'emit', function emit(event, first, second) {
      switch (event) {
        case 'request':
        case 'checkContinue':
        case 'checkExpectation':
          if (!noticeRequest(first, second))
            return true;
          break;
        case 'connection':
        case 'secureConnection':
          return accepted(this, first, arguments);
        case 'session':
          if (accepting !== null)
            noticeSession(accepting, first);
          break;
        case 'stream':
          noticeStream(first);
          break;
        case 'upgrade':
        case 'connect':
          noticeUpgrade(first, second);
          break;
        case 'listening':
          servers.add(this);
          if (drain !== null)
            stopAccepting(this);
          break;
        case 'close':
          servers.delete(this);
          break;
      }

      return EventEmitter.prototype.emit.apply(this, arguments);
    });
  }

  function accepted(server, socket, args) {
    if (!socket || typeof socket.once !== 'function')
      return EventEmitter.prototype.emit.apply(server, args);
    let connection = socket[CONNECTION];
    if (connection === undefined) {
      connection = {
        socket: socket,
        handshaking: typeof server.setSecureContext === 'function' && args[0] === 'connection',
        http: false,
        session: null,
        told: false,
        pinging: false,
        answers: 0,
        answersTaken: -1,
        upgraded: null,
        last: null,
        saidLast: false,
        leavingAt: 0,
        finishing: null,
        wasBusy: false,
        idleSince: 0,
        seenBytes: 0,
      };
      socket[CONNECTION] = connection;
      open.add(connection);
      socket.once('close', forget);
      // The TLS socket stands for the one that it wraps.
      const raw = socket._parent;
      if (raw && raw[CONNECTION] !== undefined)
        open.delete(raw[CONNECTION]);
    }

    // An HTTP/2 server makes its session, and says so, while it handles the connection.
    const outer = accepting;
    accepting = connection;
    try {
      return EventEmitter.prototype.emit.apply(server, args);
    } finally {
      accepting = outer;
      if (socket.parser)
        connection.http = true;
      if (napping !== null)
        giveWay();
    }
  }

  /**
   * All workers wait at one queue, a connection wakes them all, and the first one on a processor takes it, and the next, and the next: of
   * fifty that come at once, one worker would keep all. So whoever holds more than at any time just before lets the others have a
   * look first. Connections that come and go soon find their level, and then it costs nothing.
   */
  function giveWay() {
    const time = now();
    if (time - peakSince > PEAK_MS) {
      peakSince = time;
      peak = 0;
    }

    if (open.size <= peak)
      return;
    peak = open.size;
    Atomics.wait(napping, 0, 0, GIVE_WAY_MS);
  }

  function forget() {
    const connection = this[CONNECTION];
    if (!open.delete(connection) || drain === null || open.size > 0)
      return;
    setImmediate(look);
  }

  /** False: the client was told that the connection ends, and sent another request nevertheless. It must not be processed. */
  function noticeRequest(request, response) {
    if (!(response instanceof http.ServerResponse) || !request || !request.socket)
      return true;
    const connection = request.socket[CONNECTION];
    if (connection === undefined)
      return true;
    if (connection.saidLast || connection.leavingAt > 0)
      return false;
    connection.http = true;
    connection.last = response;
    return true;
  }

  function noticeSession(connection, session) {
    connection.session = session;
    session[CONNECTION] = connection;
    if (drain !== null)
      askWhatWasTaken(connection);
  }

  function noticeStream(stream) {
    if (!answersWatched)
      watchAnswers(Object.getPrototypeOf(stream));
    if (drain !== null)
      countAnswer(stream);
  }

  function noticeUpgrade(request, socket) {
    const connection = socket && socket[CONNECTION];
    if (connection)
      connection.upgraded = String(request && request.headers && request.headers.upgrade || 'tunnel').toLowerCase();
  }

  function kind(connection) {
    if (connection.upgraded !== null)
      return LONG_LIVED;
    if (connection.session !== null)
      return connection.told || hasStreams(connection.session) ? REQUEST : IDLE;
    if (connection.http) {
      const response = connection.last;
      if (response === null || response.writableFinished || response.destroyed)
        return connection.finishing !== null ? REQUEST : IDLE;
      return /^\s*text\/event-stream/i.test(contentType(response)) ? LONG_LIVED : REQUEST;
    }

    return connection.handshaking ? IDLE : LONG_LIVED;
  }

  function contentType(response) {
    const value = response.getHeader('content-type');
    if (value !== undefined)
      return String(value);
    // Headers that were given to writeHead are only in the text.
    const found = /\r\ncontent-type:([^\r]*)/i.exec(response._header || '');
    return found === null ? '' : found[1];
  }

  // ---------------------------------------------------------------- the last answer on a connection

  function watchHeads() {
    const writeHead = http.ServerResponse.prototype.writeHead;
    define(http.ServerResponse.prototype, 'writeHead', function (status) {
      if (drain === null || this.headersSent || status < 200)
        return writeHead.apply(this, arguments);
      const connection = this.req && this.req.socket && this.req.socket[CONNECTION];
      // Behind this answer others are waiting (pipelining): the last of them says it.
      if (!connection || connection.last !== this || connection.upgraded !== null)
        return writeHead.apply(this, arguments);
      const goesOn = this.shouldKeepAlive;
      const result = writeHead.apply(this, withClose(this, Array.prototype.slice.call(arguments)));
      connection.saidLast = true;
      if (goesOn && this._last === true)
        closeAfter(connection, this);
      return result;
    });
  }

  /** writeHead's arguments, with `Connection: close` in place of what the program says about the connection. */
  function withClose(response, args) {
    const at = typeof args[1] === 'string' ? 2 : 1;
    const headers = args[at];
    if (Array.isArray(headers)) {
      const kept = [];
      if (Array.isArray(headers[0])) {
        headers.forEach(function (pair) { if (!isConnection(pair[0])) kept.push(pair); });
        kept.push(['Connection', 'close']);
      } else {
        for (let i = 0; i + 1 < headers.length; i += 2) {
          if (!isConnection(headers[i]))
            kept.push(headers[i], headers[i + 1]);
        }

        kept.push('Connection', 'close');
      }

      args[at] = kept;
    } else if (headers !== null && typeof headers === 'object') {
      const kept = {};
      Object.keys(headers).forEach(function (name) { if (!isConnection(name)) kept[name] = headers[name]; });
      kept.Connection = 'close';
      args[at] = kept;
    } else {
      response.setHeader('Connection', 'close');
    }

    return args;
  }

  function isConnection(name) {
    return String(name).toLowerCase() === 'connection';
  }

  /**
   * Node would close the socket right after the last byte. If the client is still sending (an upload that was answered early), that
   * is a reset, and the answer is lost on its way. So the closing is ours: half, after the request has come in whole.
   */
  function closeAfter(connection, response) {
    response._last = false;
    response.once('finish', function () {
      connection.finishing = { request: response.req, bytes: -1, since: 0 };
      finish(connection);
    });
  }

  function finish(connection) {
    const finishing = connection.finishing;
    const bytes = connection.socket.bytesRead;
    if (bytes !== finishing.bytes) {
      finishing.bytes = bytes;
      finishing.since = now();
    }

    if (finishing.request.complete || now() - finishing.since >= LINGER_MS)
      halfClose(connection);
  }

  function halfClose(connection) {
    if (connection.leavingAt > 0)
      return;
    connection.leavingAt = now();
    connection.socket.end();
  }

  // ---------------------------------------------------------------- the last answer of an HTTP/2 session

  /** All answers of an HTTP/2 server, also those of its compatible API, go through three methods of one class, which Node does not export. */
  function watchAnswers(prototype) {
    answersWatched = true;
    ['respond', 'respondWithFD', 'respondWithFile'].forEach(function (name) {
      const answer = prototype[name];
      if (typeof answer !== 'function')
        return;
      define(prototype, name, function () {
        const connection = drain !== null && this.session && this.session[CONNECTION];
        if (connection && !connection.told && (hasTakenAllAnswers(connection) || now() - drain.startedAt >= PROOF_MS))
          sendAway(connection);
        return answer.apply(this, arguments);
      });
    });
  }

  /**
   * Node's client refuses a stream that it has begun and not yet written when it reads a GOAWAY. It begins the next stream when it reads
   * an answer. So an answer and the GOAWAY must not arrive together: a ping that has come back proves that all earlier answers
   * were read, and that the streams that followed from them were written.
   */
  function askWhatWasTaken(connection) {
    const session = connection.session;
    if (connection.told || connection.pinging || session.closed || session.destroyed)
      return;
    const answers = connection.answers;
    try {
      connection.pinging = session.ping(function () {
        connection.pinging = false;
        connection.answersTaken = answers;
        if (answers !== connection.answers)
          askWhatWasTaken(connection);
      });
    } catch (_) {
      // PROOF_MS decides.
    }
  }

  function hasTakenAllAnswers(connection) {
    return connection.answersTaken === connection.answers;
  }

  function countAnswer(stream) {
    const connection = stream.session && stream.session[CONNECTION];
    if (!connection || connection.told)
      return;
    stream.once('close', function () {
      connection.answers++;
      // Behind the frames that this turn of the loop writes.
      setImmediate(askWhatWasTaken, connection);
    });
  }

  // ---------------------------------------------------------------- the drain

  function order(message) {
    const first = drain === null;
    const started = now();
    const drainMs = milliseconds(message.drainMs, 30000);
    const idleMs = Math.min(milliseconds(message.idleMs, drainMs), drainMs);
    drain = {
      startedAt: started,
      idleMs: idleMs,
      signal: typeof message.signal === 'string' ? message.signal : '',
      longLivedMs: ABRUPT.indexOf(message.why) >= 0 ? idleMs : drainMs,
      endsAt: started + drainMs - Math.min(FAREWELL_MS, drainMs / 10),
      staysConnected: message.stay === true,
      ticking: first ? every(look, TICK_MS) : drain.ticking,
      reported: first ? '' : drain.reported,
      reportedAt: first ? 0 : drain.reportedAt,
      partingAt: first ? 0 : drain.partingAt,
      over: first ? false : drain.over,
    };
    if (!first)
      return;

    servers.forEach(stopAccepting);
    sharedUdp.forEach(stopReceiving);
    open.forEach(function (connection) {
      connection.seenBytes = connection.socket.bytesRead;
      connection.wasBusy = kind(connection) !== IDLE;
      if (connection.session !== null) {
        openStreams(connection.session).forEach(countAnswer);
        askWhatWasTaken(connection);
      }
    });
    look();
  }

  /**
   * Closes this process's handle and puts a stand-in in its place, so that to the program the server is still open: it has its address,
   * and a later server.close(callback) calls back without an error, when the last connection has gone.
   */
  function stopAccepting(server) {
    const handle = server._handle;
    if (!handle || handle[STAND_IN] === true)
      return;
    server._handle = standIn(handle);
    if (typeof handle.hasRef !== 'function' || handle.hasRef())
      unclosed.add(server._handle);
    try {
      handle.close();
    } catch (_) {
      // A handle that is closed already accepts nothing either.
    }
  }

  function standIn(handle) {
    const address = {};
    const known = typeof handle.getsockname === 'function' && handle.getsockname(address) === 0;
    const stand = {
      close: function (callback) {
        release(stand);
        if (typeof callback === 'function')
          process.nextTick(callback);
      },
      ref: function () { unclosed.add(stand); },
      unref: function () { release(stand); },
      hasRef: function () { return unclosed.has(stand); },
      getAsyncId: function () { return 0; },
      onconnection: null,
      fd: -1,
    };
    if (known)
      stand.getsockname = function (out) { Object.assign(out, address); return 0; };
    stand[STAND_IN] = true;
    return stand;
  }

  /** A datagram socket that all workers share would go on taking packets that the new generation should get. It may still send. */
  function stopReceiving(socket) {
    const state = hidden(socket, 'Symbol(state symbol)');
    if (state && state.handle && typeof state.handle.recvStop === 'function')
      state.handle.recvStop();
  }

  /**
   * HTTP/2's farewell in two steps (RFC 9113, 6.8). First "send your next request elsewhere" with the highest stream number, which
   * refuses nothing that is on its way; when a ping has come back, everything that was on its way is here, and the session may end with
   * its streams. Node can only do the second step, and its library ignores new streams after any GOAWAY of its own, so the first
   * one is written past it. Its frames are written whole, so it cannot end up inside of one.
   */
  function sendAway(connection) {
    const session = connection.session;
    if (connection.told || session.closed || session.destroyed)
      return;
    connection.told = true;
    let quiet = 0;
    function close() {
      if (session.closed || session.destroyed)
        return;
      // Node 18 cuts a closed session off with its last stream, before the last answer has left. So there it is closed when it is quiet.
      quiet = MAJOR < 20 && hasStreams(session) ? 0 : quiet + 1;
      if (MAJOR < 20 && quiet < 2)
        later(close, TICK_MS);
      else
        session.close();
    }

    try {
      connection.socket.write(Buffer.from([0, 0, 8, 7, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]));
      if (!session.ping(close))
        close();
    } catch (_) {
      close();
    }
  }

  function hasStreams(session) {
    return openStreams(session).size > 0;
  }

  function openStreams(session) {
    const state = hidden(session, 'Symbol(state)');
    return state && state.streams || new Map();
  }

  function look() {
    if (drain === null || drain.over)
      return;
    const time = now();
    let requests = 0;
    let idle = 0;
    open.forEach(function (connection) {
      const what = kind(connection);
      if (connection.socket.destroyed)
        open.delete(connection);
      else if (what === IDLE)
        idle++;
      else
        requests++;
      follow(connection, what, time);
    });

    report(requests, idle, time);
    if (open.size === 0)
      letGo();
    else if (drain.partingAt > 0 && time - drain.partingAt >= FAREWELL_MS)
      cut();
    else if (drain.partingAt === 0 && time >= drain.endsAt)
      part(time);
  }

  function follow(connection, what, time) {
    if (connection.leavingAt > 0) {
      if (time - connection.leavingAt >= LINGER_MS)
        connection.socket.destroy();
      return;
    }

    if (connection.finishing !== null) {
      finish(connection);
      return;
    }

    if (what === LONG_LIVED && time - drain.startedAt >= drain.longLivedMs) {
      sayGoodbye(connection);
      return;
    }

    if (what === IDLE && connection.wasBusy) {
      // Its head was sent before the drain, without a word about the end, so it gets its idle time from here.
      connection.idleSince = time;
      connection.seenBytes = connection.socket.bytesRead;
    }

    connection.wasBusy = what !== IDLE;
    if (what === IDLE && time - Math.max(drain.startedAt, connection.idleSince) >= drain.idleMs) {
      // More bytes, and no request yet: it is just being sent.
      if (connection.session === null && connection.socket.bytesRead === connection.seenBytes)
        halfClose(connection);
    }

    // Of a session too whose streams are open and gave their answer's head before the drain: it has no next answer, and they go on.
    if (connection.session !== null && time - Math.max(drain.startedAt, connection.idleSince) >= drain.idleMs)
      sendAway(connection);
  }

  function part(time) {
    drain.partingAt = time;
    open.forEach(sayGoodbye);
  }

  function sayGoodbye(connection) {
    if (connection.leavingAt > 0)
      return;
    if (connection.session !== null) {
      connection.leavingAt = now();
      if (!connection.told && !hasStreams(connection.session))
        sendAway(connection); // a request that is just on its way is still answered
      else
        connection.session.close();
    } else if (connection.upgraded === 'websocket' && connection.socket.writable) {
      // A close frame, 1001 "going away". The client answers it, and whoever serves the socket then ends it.
      connection.leavingAt = now();
      connection.socket.write(Buffer.from([0x88, 2, 0x03, 0xe9]));
    } else {
      // An unfinished answer is cut off so that it shows: nobody takes it for whole.
      halfClose(connection);
    }
  }

  function cut() {
    open.forEach(function (connection) {
      if (connection.session !== null)
        connection.session.destroy();
      connection.socket.destroy();
    });
    open.clear();
    letGo();
  }

  function letGo() {
    drain.over = true;
    noMore(drain.ticking);
    // The signal comes now. A process that has nothing left to do must not end before it: its handler is where programs clean up.
    waiting = later(function () { waiting = null; }, AWAIT_SIGNAL_MS);
    if (drain.staysConnected)
      say({ cmd: 'NODE_ZD_DRAINED' });
    else if (process.connected)
      process.disconnect();
    letEnd();
  }

  // ---------------------------------------------------------------- the end

  /**
   * Once the program's own handler has run, the process ends as it would without us: when nothing is left that keeps it alive. A server
   * that it has not closed yet does that (its handler may wait for something first), and so does a timer of ours in that server's place.
   */
  function watchSignals() {
    const emit = process.emit;
    define(process, 'emit', function (event, message) {
      if (drain === null || !tellsToEnd(event, message))
        return emit.apply(this, arguments);
      const handled = process.listenerCount(event) > 0;
      try {
        return emit.apply(this, arguments);
      } finally {
        if (handled) {
          toldToEnd = true;
          letEnd();
        }
      }
    });
  }

  function tellsToEnd(event, message) {
    if (event === 'message')
      return drain.staysConnected && message === 'shutdown';
    if (typeof event !== 'string' || signals[event] === undefined)
      return false;
    return drain.signal ? signals[event] === signals[drain.signal] : event === 'SIGINT' || event === 'SIGTERM';
  }

  function release(stand) {
    if (unclosed.delete(stand))
      letEnd();
  }

  function releaseAll() {
    unclosed.clear();
    letEnd();
  }

  function letEnd() {
    if (!toldToEnd)
      return;
    // Nobody ever closes its stdin, and what came over the channel was the last word.
    notForThis(function () { return process.stdin; });
    if (drain.over)
      notForThis(function () { return process.channel; });
    if (waiting !== null && unclosed.size === 0) {
      nevermind(waiting);
      waiting = null;
    }
  }

  /** The process need not live for this any more. */
  function notForThis(find) {
    try {
      const handle = find();
      if (handle && typeof handle.unref === 'function')
        handle.unref();
    } catch (_) {
      // Closed, or of a kind that Node cannot open.
    }
  }

  function report(requests, idle, time) {
    const text = requests + ' ' + idle;
    // The last word is always said.
    const tooSoon = open.size > 0 && drain.reportedAt > 0 && time - drain.reportedAt < REPORT_MS;
    if (text === drain.reported || tooSoon)
      return;
    drain.reported = text;
    drain.reportedAt = time;
    say({ cmd: 'NODE_ZD_DRAINING', requests: requests, idle: idle });
  }

  // ---------------------------------------------------------------- the channel

  function watchCluster() {
    const getServer = cluster._getServer;
    if (typeof getServer !== 'function')
      return;
    cluster._getServer = function (server) {
      if (!(server instanceof net.Server)) {
        sharedUdp.add(server);
        server.once('close', function () { sharedUdp.delete(server); });
      }

      return getServer.apply(this, arguments);
    };
  }

  /**
   * A cluster worker ends itself when its channel closes and nobody said why. One whose supervisor has gone serves on instead; one that
   * hung up by itself ends as ever. And what a program says into a closed channel must not kill it, as an unhandled 'error' would.
   */
  function watchDisconnect() {
    const disconnect = process.disconnect;
    let byProgram = false;
    process.disconnect = function () {
      if (!process.connected) {
        // It would end a cluster worker, if we had not closed the channel before.
        if (cluster !== null && cluster.isWorker)
          releaseAll();
        return;
      }

      const over = drain !== null && drain.over;
      // Node calls this too when it has read the end of the channel; then it stands in the stack.
      byProgram = !over && /\n/.test(new Error().stack) && !/\bonread\b/.test(new Error().stack);
      disconnect.call(process);
      process.send = sendNowhere;
    };
    if (cluster === null || !cluster.isWorker)
      return;
    process.prependListener('disconnect', function () {
      if (!byProgram)
        cluster.worker.exitedAfterDisconnect = true;
    });
    const leave = cluster.worker.disconnect;
    define(cluster.worker, 'disconnect', function () {
      releaseAll();
      return leave.apply(this, arguments);
    });
  }

  function sendNowhere() {
    const callback = arguments[arguments.length - 1];
    if (typeof callback === 'function') {
      const problem = new Error('Channel closed');
      problem.code = 'ERR_IPC_CHANNEL_CLOSED';
      process.nextTick(callback, problem);
    }

    return false;
  }

  function say(message) {
    if (process.connected)
      send.call(process, message, function () {}); // with a callback, an error stays with us
  }
}

function define(prototype, name, value) {
  Object.defineProperty(prototype, name, { value: value, writable: true, configurable: true, enumerable: false });
}

function milliseconds(value, otherwise) {
  return typeof value === 'number' && value >= 0 ? value : otherwise;
}

/** What Node keeps under a symbol of its own; undefined where it does not any more. */
function hidden(object, name) {
  const symbol = Object.getOwnPropertySymbols(object).find(function (one) { return String(one) === name; });
  return symbol === undefined ? undefined : object[symbol];
}

/** Milliseconds on a clock that nobody sets. */
function now() {
  return process.uptime() * 1000;
}
