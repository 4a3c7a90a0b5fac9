// `serve` as a process, from its sources: the ready line, signals, exit status, the pid file, the log.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

const main = join(import.meta.dirname, '../src/main.ts');
const onFreePort = ['--http', '127.0.0.1:0', '--admin', 'off'];
const running = new Set<Serving>();
let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-serve-'));
});
afterEach(async () => {
  for (const serving of running) {
    serving.child.kill('SIGKILL');
    await serving.exit;
  }
  running.clear();
});
afterAll(() => rmSync(directory, { recursive: true }));

/** Listening sockets to be started with, and their names with colons between them. They are closed here. */
interface Inherited {
  readonly servers: readonly Server[];
  readonly names: string;
}

async function listening(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

class Serving {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Exit status, or the signal that killed it. */
  readonly exit: Promise<number | string | null>;
  stdout = '';
  stderr = '';

  constructor(...args: string[]);
  constructor(inherited: Inherited, ...args: string[]);
  constructor(...given: (string | Inherited)[]) {
    const args = given.filter((one) => typeof one === 'string');
    const { servers, names } = given.find((one) => typeof one !== 'string') ?? { servers: [], names: '' };
    // As a service manager does it: the process is told its own id, and that of its sockets.
    this.child = spawn('/bin/sh', ['-c', 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, '--conditions=@sluice/source', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe', ...servers.map((server) => (server as unknown as { _handle: { fd: number } })._handle.fd)],
      env: { ...process.env, LISTEN_FDS: String(servers.length), LISTEN_FDNAMES: names },
    }) as ChildProcessByStdio<null, Readable, Readable>;
    for (const server of servers) server.close();
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.exit = new Promise((resolve) => {
      this.child.once('close', (code, signal) => resolve(code ?? signal));
    });
    running.add(this);
  }

  /** The addresses of the ready line. */
  async ready(): Promise<string[]> {
    while (!this.stdout.includes('\n')) {
      const ended = await Promise.race([once(this.child.stdout, 'data').then(() => false), this.exit.then(() => true)]);
      if (ended) throw new Error(`it has ended: ${this.stderr}`);
    }
    return this.stdout.split(' ').slice(1).map((word) => word.trim());
  }

  get lines(): Record<string, unknown>[] {
    return this.stderr.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

describe('serve', () => {
  it('says in one line where it listens, and ends with 0 when it is told to', async () => {
    const serving = new Serving('--http', '127.0.0.1:0', '--admin', '127.0.0.1:0');
    const [url, ...more] = await serving.ready();
    expect(serving.stdout).toMatch(/^listening http:\/\/127\.0\.0\.1:\d+\/ admin http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect((await fetch(`${url}topics/a`)).status).toBe(200);
    expect((await fetch(`${more.at(-1)}readyz`)).status).toBe(200);
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
    expect(serving.stdout.split('\n')).toHaveLength(2);
    expect(serving.lines.map(({ log, message }) => message ?? log)).toEqual(expect.arrayContaining(['request', 'draining', 'close', 'stopped']));
  });

  it('waits for what is open, up to a second signal', async () => {
    const serving = new Serving(...onFreePort, '--drain-deadline-ms', '60000', '--timeouts-close-timeout-ms', '60000');
    const [url] = await serving.ready();
    const peer = connect(Number(new URL(url!).port), '127.0.0.1');
    let received = '';
    peer.on('data', (data) => (received += data.toString('latin1'))).on('error', () => {});
    const until = async (text: string): Promise<void> => {
      while (!received.includes(text)) await once(peer, 'data');
    };
    peer.write('GET /topics/a HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n');
    await until('101 Switching Protocols');
    serving.child.kill('SIGINT');
    // It is told 1001, and never answers.
    await until('\x03\xe9');
    expect(serving.child.exitCode).toBeNull();
    // One that follows at once is the same request; so this is repeated until it counts.
    const repeat = setInterval(() => serving.stderr.includes('"message":"stopped"') || serving.child.kill('SIGTERM'), 100);
    expect(await serving.exit).toBe(0);
    clearInterval(repeat);
    expect(serving.lines.at(-1)).toMatchObject({ log: 'close', reason: 'drained' });
    expect(serving.lines.find(({ message }) => message === 'stopped')).toMatchObject({ drained: 0, aborted: 1 });
    peer.destroy();
  });

  it('holds its id in the pid file as long as it runs', async () => {
    const path = join(directory, 'running.pid');
    const serving = new Serving(...onFreePort, '--pid-file', path);
    await serving.ready();
    expect(readFileSync(path, 'utf8')).toBe(`${serving.child.pid}\n`);
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it("leaves the pid file of another gateway alone when it cannot start", async () => {
    const path = join(directory, 'shared.pid');
    const first = new Serving(...onFreePort, '--pid-file', path);
    const [url] = await first.ready();
    const taken = new Serving('--http', new URL(url!).host, '--admin', 'off', '--pid-file', path);
    expect(await taken.exit).toBe(1);
    expect(taken.stderr).toBe(`the pid file ${path} is of process ${first.child.pid}, which is running: stop it, or name another file with --pid-file\n`);
    expect(readFileSync(path, 'utf8')).toBe(`${first.child.pid}\n`);
    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(existsSync(path)).toBe(false);
  });

  it('serves on when nobody reads its output, also before it listens', async () => {
    const serving = new Serving(...onFreePort, '--pid-file', join(directory, 'unheard.pid'));
    serving.child.stdout.destroy();
    serving.child.stderr.destroy();
    while (!existsSync(join(directory, 'unheard.pid'))) await nextTurn();
    // Long enough for what it writes to fail.
    for (let turns = 0; turns < 50; turns++) await nextTurn();
    expect(serving.child.exitCode).toBeNull();
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
  });

  it('ends with 1 and one sentence when it cannot start, and leaves no pid file', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const pid = join(directory, 'refused.pid');
    const onTaken = new Serving('--http', `127.0.0.1:${(taken.address() as AddressInfo).port}`, '--admin', 'off', '--pid-file', pid);
    const nowhere = new Serving(...onFreePort, '--pid-file', join(directory, 'not/there.pid'));
    expect([await onTaken.exit, await nowhere.exit]).toEqual([1, 1]);
    expect([onTaken.stdout, nowhere.stdout]).toEqual(['', '']);
    expect(onTaken.stderr).toMatch(/^--http 127\.0\.0\.1:\d+ is in use by another process: choose another port, or stop the process that uses it\n$/);
    expect(nowhere.stderr).toMatch(/^the pid file [^\n]*not\/there\.pid cannot be written: [^\n]*--pid-file[^\n]*\n$/);
    expect(existsSync(pid)).toBe(false);
    taken.close();
  });

  it('listens on sockets that it was started with, each for the listener of its name', async () => {
    const servers = await Promise.all([0, 0].map(() => listening()));
    const ports = servers.map((server) => (server.address() as AddressInfo).port);
    const serving = new Serving({ servers, names: 'http:admin' }, '--http', 'systemd', '--admin', 'systemd', '--insecure');
    expect(await serving.ready()).toEqual([`http://127.0.0.1:${ports[0]}/`, 'admin', `http://127.0.0.1:${ports[1]}/`]);
    expect((await fetch(`http://127.0.0.1:${ports[0]}/topics/a`)).status).toBe(200);
    expect((await fetch(`http://127.0.0.1:${ports[1]}/readyz`)).status).toBe(200);
    // Taking the configuration anew does not take them for something else.
    serving.child.kill('SIGHUP');
    while (!serving.stderr.includes('reloaded')) await once(serving.child.stderr, 'data');
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
    expect(serving.lines.find(({ message }) => message === 'configuration reloaded')).not.toHaveProperty('needRestart');
  });

  it('takes a descriptor by its number, and says which ones it has no use for', async () => {
    const servers = await Promise.all([0, 0].map(() => listening()));
    const serving = new Serving({ servers, names: ':command' }, '--http', 'fd:3', '--admin', 'off', '--insecure');
    const [url] = await serving.ready();
    expect((await fetch(`${url}topics/a`)).status).toBe(200);
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
    const unused = serving.lines.filter(({ message }) => String(message).includes('not used'));
    expect(unused).toMatchObject([{ descriptor: 4, name: 'command' }]);
  });

  it('says in one sentence that no socket was passed, or no such one', async () => {
    const none = new Serving('--http', 'systemd', '--admin', 'off', '--insecure');
    const wrong = new Serving('--http', 'fd:9', '--admin', 'off', '--insecure');
    expect([await none.exit, await wrong.exit]).toEqual([1, 1]);
    expect(none.stderr).toMatch(/^http is systemd, but no socket was passed for it[^\n]*\n$/);
    expect(wrong.stderr).toMatch(/^--http fd:9 cannot be opened: descriptor 9 is not [^\n]*\n$/);
  });

  it('serves on when nobody reads its log any more', async () => {
    const serving = new Serving(...onFreePort);
    const [url] = await serving.ready();
    serving.child.stderr.destroy();
    for (let i = 0; i < 5; i++) expect((await fetch(`${url}topics/a`, { method: 'POST', body: 'x' })).status).toBe(200);
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
  });
});
