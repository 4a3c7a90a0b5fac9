// In a checkout, `sluice` runs what is built. This builds it if its sources have changed since the last build: a look at the time of each
// source takes a few milliseconds, so a command starts at once if nothing has changed.
//
// A build is as old as `node_modules/.cache/sluice/NAME`, which is touched here, or as the file that every build writes (`npm run build`
// does too), whichever is newer. Directories count as sources, because their time changes when a file in them is removed. Only standard
// error is written to, and only if a build takes longer than a moment.
'use strict';

const { spawn } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../../..');
const cache = path.join(root, 'node_modules/.cache/sluice');
/** What a write ends with that this user may not make, and one that the disk has no room for. */
const forbidden = ['EACCES', 'EPERM', 'EROFS'];
const full = ['ENOSPC', 'EDQUOT', 'EFBIG'];
/** A build that takes no longer than this is not worth a line. */
const quietMs = 400;

const gatewayProject = 'apps/gateway/tsconfig.lib.json';
/** Those that the gateway refers to. Others, such as those for tests, are not built with it, so they do not count. */
const libs = [
  ...new Set(JSON.parse(fs.readFileSync(path.join(root, gatewayProject), 'utf8')).references.map((reference) => path.posix.join('apps/gateway', path.posix.dirname(reference.path)))),
];
const typescriptSources = [...['apps/gateway', ...libs].flatMap((project) => [`${project}/src`, `${project}/package.json`, `${project}/tsconfig.lib.json`]), 'tsconfig.base.json'];

const gateway = {
  name: 'gateway',
  sources: typescriptSources,
  written: 'apps/gateway/dist/.tsbuildinfo',
  results: ['apps/gateway/dist/main.js', ...libs.map((lib) => `${lib}/dist/index.js`)],
  command: ['node_modules/typescript/bin/tsc', '-b', gatewayProject],
  directory: root,
};
const page = {
  name: 'inspector',
  sources: [...['src', 'public', 'index.html', 'vite.config.ts', 'package.json'].map((name) => `apps/inspector/${name}`), ...typescriptSources],
  written: 'apps/inspector/dist/index.html',
  results: ['apps/inspector/dist/index.html'],
  command: ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'error'],
  directory: path.join(root, 'apps/inspector'),
};

/**
 * Builds what `sluice` needs and is out of date.
 * @param {boolean} withPage the inspector page too, which only a gateway needs
 * @returns {Promise<boolean>} false if it could not be built; standard error says why
 */
exports.buildWhenStale = async (withPage) => {
  const targets = withPage ? [gateway, page] : [gateway];
  if (!targets.some(isStale)) return true;
  let unlock;
  try {
    unlock = await lock();
  } catch (error) {
    if (!isRefusedWrite(error)) throw error;
    const isUsable = targets.every(isBuilt);
    const why = forbidden.includes(error.code) ? `this user may not write to ${root}` : `${root} cannot be written to: ${error.message}`;
    say(`${isUsable ? 'warning: running an older build: ' : ''}sources have changed since the last build, and ${why}`);
    return isUsable;
  }
  try {
    const stale = targets.filter(isStale);
    const startedAt = Date.now();
    let isTold = false;
    const timer = setTimeout(() => {
      isTold = true;
      say('building what has changed …');
    }, quietMs);
    for (const target of stale) {
      const seenAt = new Date();
      const { status, output } = await run(target);
      if (status !== 0) {
        clearTimeout(timer);
        say(`${output.trimEnd()}\n${target.name}: the build failed with exit status ${status}`);
        return false;
      }
      touch(path.join(cache, target.name), seenAt);
    }
    clearTimeout(timer);
    if (isTold) say(`built in ${((Date.now() - startedAt) / 1000).toFixed(1)} s`);
    return true;
  } finally {
    unlock();
  }
};

function isRefusedWrite({ code }) {
  return forbidden.includes(code) || full.includes(code);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

function isStale(target) {
  const { name, sources, written } = target;
  if (!isBuilt(target)) return true;
  const builtAt = Math.max(modifiedAt(path.join(cache, name)), modifiedAt(path.join(root, written)));
  return sources.some((source) => isNewer(path.join(root, source), builtAt));
}

function isBuilt({ results }) {
  return results.every((result) => fs.existsSync(path.join(root, result)));
}

/** Whether the file, or anything in the directory, has changed since then. */
function isNewer(file, timeMs) {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  if (stats.mtimeMs >= timeMs) return true;
  return stats.isDirectory() && fs.readdirSync(file).some((name) => isNewer(path.join(file, name), timeMs));
}

function modifiedAt(file) {
  return fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** `at` is from before the build, so that what changes during a build is built by the next one. */
function touch(file, at) {
  fs.mkdirSync(cache, { recursive: true });
  fs.writeFileSync(file, '');
  fs.utimesSync(file, at, at);
}

/** Runs a build. A signal that ends this process meanwhile ends the build too. */
function run({ command, directory }) {
  const [script, ...args] = command;
  const child = spawn(process.execPath, [path.join(root, script), ...args], { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const gather = (bytes) => void (output += bytes);
  child.stdout.on('data', gather);
  child.stderr.on('data', gather);
  const end = (signal) => {
    child.kill(signal);
    process.off('SIGINT', end).off('SIGTERM', end);
    child.once('close', () => process.kill(process.pid, signal));
  };
  process.on('SIGINT', end).on('SIGTERM', end);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status) => {
      process.off('SIGINT', end).off('SIGTERM', end);
      resolve({ status, output });
    });
  });
}

/** One build at a time in a checkout: waits until another process has built. The lock of a process that is gone does not count. */
async function lock() {
  const file = path.join(cache, 'building');
  fs.mkdirSync(cache, { recursive: true });
  for (;;) {
    try {
      writeNew(file, String(process.pid));
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isRunning(file)) fs.rmSync(file, { force: true });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Throws if there is such a file. Leaves none behind that could not be written. */
function writeNew(file, text) {
  const descriptor = fs.openSync(file, 'wx');
  try {
    fs.writeSync(descriptor, text);
  } catch (error) {
    fs.rmSync(file, { force: true });
    throw error;
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Whether the process that wrote its number into `file` still runs. */
function isRunning(file) {
  try {
    const pid = Number(fs.readFileSync(file, 'utf8'));
    // The file is empty for the moment between its creation and the number in it.
    if (pid === 0) return Math.abs(Date.now() - fs.statSync(file).mtimeMs) < 1000;
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
