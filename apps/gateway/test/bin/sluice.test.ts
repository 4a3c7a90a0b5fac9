// The command as a process: a package, and a checkout with a compiler and a page builder that only count.

import { spawn, spawnSync, type SpawnSyncOptionsWithStringEncoding, type SpawnSyncReturns } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const bin = join(import.meta.dirname, '../../bin');
let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'sluice-bin-'));
});
afterEach(() => {
  chmodSync(root, 0o755);
  rmSync(root, { recursive: true, force: true });
});

const at = (path: string): string => join(root, path);
function write(path: string, text: string): void {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), text);
}
const sluice = (...args: string[]): SpawnSyncReturns<string> => spawnSync(process.execPath, [at('apps/gateway/bin/sluice.cjs'), ...args], { encoding: 'utf8' });

/** What a package has: the command, a manifest, and a program. */
function makePackage(program: string, range = '>=20.0.0'): void {
  write('apps/gateway/package.json', JSON.stringify({ type: 'module', engines: { node: range } }));
  write('apps/gateway/dist/main.js', program);
  mkdirSync(at('apps/gateway/bin'), { recursive: true });
  copyFileSync(join(bin, 'sluice.cjs'), at('apps/gateway/bin/sluice.cjs'));
}

describe('in a package', () => {
  it('runs the program with its arguments, and ends with its exit status', () => {
    makePackage('console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
    expect(sluice('sub', 'a b', '--x=')).toMatchObject({ status: 7, stdout: '["sub","a b","--x="]\n', stderr: '' });
  });

  it.skipIf(process.platform !== 'linux' || typeof process.execve !== 'function')('gives a gateway the small young generation, in the same process, and a client not', () => {
    makePackage('console.log(JSON.stringify([process.execArgv, process.argv.slice(2), process.ppid]));');
    const flag = '--max-semi-space-size=8';
    expect(sluice('serve', '--demo').stdout).toBe(`[["${flag}"],["serve","--demo"],${process.pid}]\n`);
    expect(sluice('--demo').stdout).toBe(`[["${flag}"],["--demo"],${process.pid}]\n`);
    expect(sluice('top').stdout).toBe(`[[],["top"],${process.pid}]\n`);
    expect(sluice('--version').stdout).toBe(`[[],["--version"],${process.pid}]\n`);
  });

  it('is the process that signals reach', async () => {
    makePackage("process.on('SIGTERM', () => process.exit(5)); setInterval(() => {}, 1000); console.log(String(process.pid));");
    const child = spawn(process.execPath, [at('apps/gateway/bin/sluice.cjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    expect(Number(line)).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await once(child, 'close')).toEqual([5, null]);
  });

  it('keeps the sockets that a service manager has passed', async () => {
    makePackage("import { fstatSync } from 'node:fs'; console.log(`${fstatSync(3).isSocket()} ${process.env.LISTEN_FDS}`);");
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { fd } = (server as Server & { readonly _handle: { readonly fd: number } })._handle;
    const options: SpawnSyncOptionsWithStringEncoding = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', fd], env: { ...process.env, LISTEN_FDS: '1' } };
    expect(spawnSync(process.execPath, [at('apps/gateway/bin/sluice.cjs')], options).stdout).toBe('true 1\n');
    server.close();
  });

  it.skipIf(process.platform !== 'linux')('names the limit, in one sentence, where too many files are open to load the program', () => {
    makePackage("import { openSync } from 'node:fs'; for (;;) openSync('/dev/null');");
    const run = `ulimit -n 64 && exec "$0" "$1" sub`;
    const { status, stdout, stderr } = spawnSync('/bin/bash', ['-c', run, process.execPath, at('apps/gateway/bin/sluice.cjs')], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^sluice: the limit of open files of this process(?:, 64,)? is too low \(EMFILE\): raise it, for example to 1024 with `ulimit -n 1024`, or .*\.\n$/);
  });

  it('says which Node it needs, and exits with 2, where Node is too old', () => {
    makePackage('console.log("ran")', '^97.3.0 || >=99.1.0');
    const { version } = process;
    const sentence = `sluice needs Node 97.3 or a later 97, or 99.1 or later; this is Node ${version.slice(1)} (${process.execPath}).\n`;
    expect(sluice('sub')).toMatchObject({ status: 2, stdout: '', stderr: sentence });
  });

  it('takes each Node in the range', () => {
    const { node } = process.versions;
    const [major = 0, minor = 0] = node.split('.').map(Number);
    for (const range of [`^${node} || >=99.0.0`, `>=${major}.${minor}.0`, `^1.0.0 || >=${major - 1}.99.99`]) {
      makePackage('', range);
      expect(sluice('sub'), range).toMatchObject({ status: 0, stderr: '' });
    }
    makePackage('', `^${major - 1}.0.0 || >=${major}.${minor + 1}.0`);
    expect(sluice('sub').status).toBe(2);
  });
});

describe('in a checkout', () => {
  const compiler = `
    const fs = require('node:fs');
    fs.appendFileSync('tsc.log', process.argv.slice(2).join(' ') + '\\n');
    if (fs.readFileSync('apps/gateway/src/main.ts', 'utf8') === 'wrong') { console.log('main.ts(1,1): error'); process.exit(2); }
    for (const file of ['apps/gateway/dist/main.js', 'libs/hub/dist/index.js', 'apps/gateway/dist/.tsbuildinfo']) {
      fs.mkdirSync(file.replace(/[^/]*$/, ''), { recursive: true });
      fs.writeFileSync(file, "console.log('ran')");
    }`;
  const pageBuilder = `
    const fs = require('node:fs');
    fs.mkdirSync('dist', { recursive: true });
    fs.appendFileSync('../../vite.log', process.cwd() + '\\n');
    fs.writeFileSync('dist/index.html', '');`;
  const past = new Date(Date.now() - 3600_000);

  beforeEach(() => {
    makePackage('');
    rmSync(at('apps/gateway/dist'), { recursive: true });
    copyFileSync(join(bin, 'build-when-stale.cjs'), at('apps/gateway/bin/build-when-stale.cjs'));
    write('node_modules/typescript/bin/tsc', compiler);
    write('node_modules/vite/bin/vite.js', pageBuilder);
    write('apps/gateway/tsconfig.lib.json', JSON.stringify({ references: ['lib', 'zlib'].map((part) => ({ path: `../../libs/hub/tsconfig.${part}.json` })) }));
    utimesSync(at('apps/gateway/tsconfig.lib.json'), past, past);
    for (const source of ['apps/gateway/src/main.ts', 'libs/hub/src/hub.ts', 'libs/hub/src/old.ts', 'apps/inspector/src/page.tsx']) write(source, '');
    for (const path of ['apps/gateway/src', 'libs/hub/src', 'apps/inspector/src']) utimesSync(at(path), past, past);
  });
  const builds = (tool: string): number => {
    try {
      return readFileSync(at(`${tool}.log`), 'utf8').split('\n').length - 1;
    } catch {
      return 0;
    }
  };

  it('builds what is missing before it runs, and the page for a gateway only', () => {
    expect(sluice('sub')).toMatchObject({ status: 0, stdout: 'ran\n' });
    expect([builds('tsc'), builds('vite')]).toEqual([1, 0]);
    expect(sluice('serve')).toMatchObject({ status: 0, stdout: 'ran\n' });
    expect([builds('tsc'), builds('vite')]).toEqual([1, 1]);
  });

  it('builds nothing, and says nothing, if nothing has changed', () => {
    sluice('serve');
    for (const command of ['serve', 'sub']) expect(sluice(command)).toMatchObject({ status: 0, stdout: 'ran\n', stderr: '' });
    expect([builds('tsc'), builds('vite')]).toEqual([1, 1]);
  });

  it('builds nothing for a lib that the gateway does not refer to', () => {
    write('libs/for-tests/src/index.ts', '');
    sluice('sub');
    write('libs/for-tests/src/index.ts', 'changed');
    expect(sluice('sub')).toMatchObject({ status: 0, stdout: 'ran\n', stderr: '' });
    expect(builds('tsc')).toBe(1);
  });

  it('builds again after a source has changed, or was removed', () => {
    sluice('sub');
    write('libs/hub/src/hub.ts', 'changed');
    sluice('sub');
    expect(builds('tsc')).toBe(2);
    rmSync(at('libs/hub/src/old.ts'));
    sluice('sub');
    expect(builds('tsc')).toBe(3);
    rmSync(at('libs/hub/dist'), { recursive: true });
    sluice('sub');
    expect(builds('tsc')).toBe(4);
  });

  it('says that it is building, on standard error alone, if that takes a while', () => {
    write('node_modules/typescript/bin/tsc', `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);${compiler}`);
    const { stdout, stderr } = sluice('sub');
    expect(stdout).toBe('ran\n');
    expect(stderr).toMatch(/^building what has changed …\nbuilt in \d+\.\d s\n$/);
  });

  it('does not run what was built before if a source has an error, and prints it', () => {
    sluice('sub');
    write('apps/gateway/src/main.ts', 'wrong');
    expect(sluice('sub')).toMatchObject({ status: 1, stdout: '', stderr: 'main.ts(1,1): error\ngateway: the build failed with exit status 2\n' });
  });

  it('builds once if two are started together', async () => {
    write('node_modules/typescript/bin/tsc', `Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);${compiler}`);
    const both = [1, 2].map(() => once(spawn(process.execPath, [at('apps/gateway/bin/sluice.cjs'), 'sub'], { stdio: 'ignore' }), 'close'));
    expect(await Promise.all(both)).toEqual([[0, null], [0, null]]);
    expect(builds('tsc')).toBe(1);
  });

  it('does not wait for a build whose process is gone', () => {
    write('node_modules/.cache/sluice/building', String(spawnSync(process.execPath, ['-e', '']).pid));
    expect(sluice('sub')).toMatchObject({ status: 0, stdout: 'ran\n' });
  });

  it('keeps a lock that was taken and not yet numbered only for a moment', () => {
    write('node_modules/.cache/sluice/building', '');
    utimesSync(at('node_modules/.cache/sluice/building'), past, past);
    expect(sluice('sub')).toMatchObject({ status: 0, stdout: 'ran\n' });
  });

  it.skipIf(process.platform !== 'linux')('runs what is built, with a warning, where the disk takes no more, and leaves no lock behind', () => {
    const onFullDisk = (): SpawnSyncReturns<string> => spawnSync('/bin/bash', ['-c', 'ulimit -f 0 && exec "$0" "$1" sub', process.execPath, at('apps/gateway/bin/sluice.cjs')], { encoding: 'utf8' });
    const reason = `sources have changed since the last build, and ${root} cannot be written to: EFBIG: file too large, write\n`;
    expect(onFullDisk()).toMatchObject({ status: 1, stdout: '', stderr: reason });
    sluice('sub');
    write('libs/hub/src/hub.ts', 'changed');
    expect(onFullDisk()).toMatchObject({ status: 0, stdout: 'ran\n', stderr: `warning: running an older build: ${reason}` });
    expect(existsSync(at('node_modules/.cache/sluice/building'))).toBe(false);
    expect(builds('tsc')).toBe(1);
  });

  // As the superuser, everything may be written: as nobody, then.
  const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  it.skipIf(spawnSync(process.execPath, ['-e', ''], nobody).status !== 0)('runs what is built, with a warning, for a user who may not build', () => {
    sluice('sub');
    write('libs/hub/src/hub.ts', 'changed');
    chmodSync(root, 0o555);
    chmodSync(at('node_modules/.cache/sluice'), 0o555);
    const { status, stdout, stderr } = spawnSync(process.execPath, [at('apps/gateway/bin/sluice.cjs'), 'sub'], { encoding: 'utf8', ...nobody });
    chmodSync(at('node_modules/.cache/sluice'), 0o755);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'ran\n' });
    expect(stderr).toMatch(/^warning: running an older build: .*\n$/);
    expect(builds('tsc')).toBe(1);
  });
});
