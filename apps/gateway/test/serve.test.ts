// `serve` as a process, from its sources: the ready line, signals, exit status, the pid file, the log.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
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

class Serving {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** Exit status, or the signal that killed it. */
  readonly exit: Promise<number | string | null>;
  stdout = '';
  stderr = '';

  constructor(...args: string[]) {
    this.child = spawn(process.execPath, ['--conditions=@sluice/source', main, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
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
    await until('\x88\x02\x03\xe9');
    expect(serving.child.exitCode).toBeNull();
    serving.child.kill('SIGTERM');
    expect(await serving.exit).toBe(0);
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

  it('ends with 1 and one sentence when it cannot start, and leaves no pid file', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const pid = join(directory, 'refused.pid');
    const onTaken = new Serving('--http', `127.0.0.1:${(taken.address() as AddressInfo).port}`, '--admin', 'off', '--pid-file', pid);
    const nowhere = new Serving(...onFreePort, '--pid-file', join(directory, 'not/there.pid'));
    expect([await onTaken.exit, await nowhere.exit]).toEqual([1, 1]);
    expect([onTaken.stdout, nowhere.stdout]).toEqual(['', '']);
    expect(onTaken.stderr).toMatch(/^[^\n]*EADDRINUSE[^\n]*\n$/);
    expect(nowhere.stderr).toMatch(/^the pid file cannot be written: [^\n]*not\/there\.pid[^\n]*\n$/);
    expect(existsSync(pid)).toBe(false);
    taken.close();
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
