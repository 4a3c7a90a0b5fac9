#!/usr/bin/env node
// The command `sluice`: refuses a Node that is too old with one sentence, builds a checkout whose sources have changed, and then
// runs dist/main.js in this process.
//
// The syntax of this file is that of Node 12 and earlier, so that an old Node can parse it and print the sentence.
/* oxlint-disable no-var */
'use strict';

var fs = require('fs');
var path = require('path');
var url = require('url');
var manifest = require('../package.json');

var main = path.join(__dirname, '../dist/main.js');
/** Beside this file in a checkout; not in the package. */
var builder = path.join(__dirname, 'build-when-stale.cjs');
/**
 * Keeps V8's young generation small, so that what an HTTP handshake leaves behind is collected before the heap grows. With 8,000 idle
 * WebSockets that is 2.6 instead of 6.6 KB of resident memory per connection, and no message costs more.
 */
var heapFlag = '--max-semi-space-size=8';

var problem = nodeProblem(process.versions.node, manifest.engines.node);
if (problem === null) {
  start(process.argv.slice(2));
} else {
  process.stderr.write(problem + '\n');
  process.exitCode = 2;
}

function start(argv) {
  var serves = argv.length === 0 || argv[0] === 'serve' || (argv[0].charAt(0) === '-' && !/^(-h|--help|-V|--version)$/.test(argv[0]));
  var built = fs.existsSync(builder) ? require(builder).buildWhenStale(serves) : Promise.resolve(true);
  built
    .then(function (isBuilt) {
      if (!isBuilt) {
        process.exitCode = 1;
        return undefined;
      }
      if (serves) restartWithHeapFlag();
      return import(url.pathToFileURL(main).href);
    })
    .catch(function (error) {
      process.stderr.write((descriptorProblem(error) || (error && error.stack) || error) + '\n');
      process.exitCode = 1;
    });
}

/** The sentence to print where a file could not be opened because too many are open; null for any other error. */
function descriptorProblem(error) {
  if (!error || (error.code !== 'EMFILE' && error.code !== 'ENFILE')) return null;
  var limit = error.code === 'ENFILE' ? 'the limit of open files of this machine' : 'the limit of open files of this process' + softLimit();
  return 'sluice: ' + limit + ' is too low (' + error.code + '): raise it, for example to 1024 with `ulimit -n 1024`, or with LimitNOFILE= in a systemd unit.';
}

/** `, N,`; nothing where the system does not tell. */
function softLimit() {
  try {
    var match = /^Max open files +(\d+)/m.exec(fs.readFileSync('/proc/self/limits', 'utf8'));
    return match === null ? '' : ', ' + match[1] + ',';
  } catch {
    return '';
  }
}

/**
 * Replaces this process by itself with `heapFlag`: same process id, same standard streams. Other descriptors are closed by that, so it goes
 * on without the flag if a service manager has passed sockets, or where Node cannot do it.
 */
function restartWithHeapFlag() {
  var given = process.execArgv.join(' ') + ' ' + (process.env.NODE_OPTIONS || '');
  if (given.indexOf('max-semi-space-size') >= 0 || process.connected || !process.execve || mayHaveSockets()) return;
  var args = [process.execPath, heapFlag].concat(process.execArgv, [__filename], process.argv.slice(2));
  try {
    process.execve(process.execPath, args, process.env);
  } catch {
    // Not permitted here: it only costs memory.
  }
}

/** Whether this process began with sockets other than its standard streams; true where that is not known. Node itself has none yet. */
function mayHaveSockets() {
  try {
    return fs.readdirSync('/proc/self/fd').some(function (fd) {
      try {
        return Number(fd) > 2 && fs.readlinkSync('/proc/self/fd/' + fd).indexOf('socket:') === 0;
      } catch {
        // The descriptor of the listing itself.
        return false;
      }
    });
  } catch {
    return true;
  }
}

/**
 * null if `version` is in `range`; otherwise the sentence to print. `range` is in npm's notation, `^A.B.C` and `>=A.B.C` joined by `||`.
 */
function nodeProblem(version, range) {
  var named = [];
  var actual = numbers(version);
  var ranges = range.split('||');
  for (var i = 0; i < ranges.length; i++) {
    var wanted = numbers(ranges[i]);
    var sameMajor = ranges[i].indexOf('^') >= 0;
    if (compare(actual, wanted) >= 0 && (!sameMajor || actual[0] === wanted[0])) return null;
    named.push(wanted[0] + '.' + wanted[1] + (sameMajor ? ' or a later ' + wanted[0] : ' or later'));
  }
  return 'sluice needs Node ' + named.join(', or ') + '; this is Node ' + version + ' (' + process.execPath + ').';
}

function numbers(version) {
  return version.match(/\d+/g).map(Number);
}

function compare(a, b) {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}
