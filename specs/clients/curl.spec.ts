// curl as a client.

import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EventReader, type StreamEvent } from '../support/events.ts';
import { Inbox } from '../support/inbox.ts';
import { runGateway, type RunningGateway } from '../support/running-gateway.ts';
import { tied, tiedCommand } from '../support/child-processes.ts';

const missing = spawnSync('curl', ['--version']).error !== undefined;
const run = promisify(execFile);

let running: RunningGateway;
let directory: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  running = await runGateway({ config: { drain: { retryJitterMs: 0 } } });
  directory = mkdtempSync(join(tmpdir(), 'sluice-curl-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await running.stop();
  rmSync(directory, { recursive: true, force: true });
});

async function curl(...args: string[]): Promise<string> {
  const { stdout } = await run('curl', ['-sS', '--max-time', '20', ...args], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

describe.skipIf(missing)(`curl${missing ? ' (skipped: there is no curl here)' : ''}`, () => {
  it('-d publishes and tells the offset', async () => {
    expect(JSON.parse(await curl('-d', 'hello', `${running.url}/topics/news`))).toMatchObject({ offset: 1 });
    expect(JSON.parse(await curl(`${running.url}/topics/news`))).toMatchObject({ publications: [{ data: 'hello' }] });
  });

  it('-N shows events as they come', async () => {
    const child = tied(spawn(...tiedCommand('curl', ['-sSN', '-H', 'Accept: text/event-stream', `${running.url}/topics/news`]), { stdio: ['ignore', 'pipe', 'inherit'] }));
    children.push(child);
    const reader = new EventReader();
    const inbox = new Inbox<StreamEvent>();
    child.stdout.on('data', (data: Buffer) => reader.push(data.toString()).forEach(inbox.push));
    expect(await inbox.next()).toMatchObject({ type: 'subscribed' });
    for (const body of ['one', 'two']) {
      await curl('-d', body, `${running.url}/topics/news`);
      expect(await inbox.next()).toMatchObject({ type: 'message', data: body });
    }
    for (const connection of running.gateway.registry.all()) connection.drain();
    const status = await new Promise((done) => child.once('close', done));
    expect(status).toBe(0);
    expect(reader.retryMs).toBe(1000);
  });

  it('Expect: 100-continue with a large body is waited for and answered at once', async () => {
    const file = join(directory, 'body');
    const body = Buffer.alloc(1024 * 1024, 'abcdefg');
    writeFileSync(file, body);
    const started = performance.now();
    const trace = join(directory, 'trace');
    const reply = await curl('-H', 'Expect: 100-continue', '--expect100-timeout', '15', '--data-binary', `@${file}`, '--trace-ascii', trace, `${running.url}/topics/large`);
    expect(JSON.parse(reply)).toMatchObject({ offset: 1 });
    expect(readFileSync(trace, 'latin1')).toContain('HTTP/1.1 100 ');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('a body that is too large is refused before it is sent', async () => {
    const file = join(directory, 'body');
    writeFileSync(file, Buffer.alloc(3 * 1024 * 1024));
    const out = await curl('-H', 'Expect: 100-continue', '--expect100-timeout', '15', '--data-binary', `@${file}`, '-w', '%{http_code} %{size_upload}', '-o', '/dev/null', `${running.url}/topics/large`);
    expect(out).toBe('413 0');
  });

  it('a refusal is read whole also while the body is on its way', async () => {
    const file = join(directory, 'body');
    writeFileSync(file, Buffer.alloc(8 * 1024 * 1024));
    const reply = await curl('-H', 'Expect:', '--data-binary', `@${file}`, `${running.url}/topics/large`);
    expect(JSON.parse(reply)).toMatchObject({ status: 413 });
  });

  it('-r gets a range, -C - goes on with a half download', async () => {
    const whole = await curl(`${running.url}/index.html`);
    expect(await curl('-r', '5-20', `${running.url}/index.html`)).toBe(whole.slice(5, 21));
    const half = join(directory, 'index.html');
    writeFileSync(half, whole.slice(0, 100));
    await curl('-C', '-', '-o', half, `${running.url}/index.html`);
    expect(readFileSync(half, 'utf8')).toBe(whole);
  });

  it('--etag-compare and -z get 304', async () => {
    const tag = join(directory, 'etag');
    await curl('--etag-save', tag, '-o', '/dev/null', `${running.url}/index.html`);
    const code = ['-w', '%{http_code}', '-o', '/dev/null'];
    expect(await curl('--etag-compare', tag, ...code, `${running.url}/index.html`)).toBe('304');
    const modified = (await fetch(`${running.url}/index.html`)).headers.get('last-modified')!;
    expect(await curl('-z', modified, ...code, `${running.url}/index.html`)).toBe('304');
    expect(await curl('-z', 'Mon, 01 Jan 2001 00:00:00 GMT', ...code, `${running.url}/index.html`)).toBe('200');
  });

  it('-I, --http1.0, --path-as-is and several URLs on one connection', async () => {
    expect(await curl('-I', `${running.url}/topics/news`)).toMatch(/^HTTP\/1\.1 200 /);
    expect(JSON.parse(await curl('--http1.0', `${running.url}/topics/news`))).toMatchObject({ topic: 'news' });
    expect(JSON.parse(await curl('--path-as-is', `${running.url}/../../etc/passwd`))).toMatchObject({ status: 404 });
    const before = running.gateway.registry.opened;
    await curl(`${running.url}/topics/a`, `${running.url}/topics/b`, `${running.url}/topics/c`);
    expect(running.gateway.registry.opened).toBe(before + 1);
  });

  it('a pattern is written with its wildcards', async () => {
    const child = tied(spawn(...tiedCommand('curl', ['-sSN', '-H', 'Accept: text/event-stream', `${running.url}/topics/news.*`]), { stdio: ['ignore', 'pipe', 'inherit'] }));
    children.push(child);
    const reader = new EventReader();
    const inbox = new Inbox<StreamEvent>();
    child.stdout.on('data', (data: Buffer) => reader.push(data.toString()).forEach(inbox.push));
    await inbox.next();
    await curl('-d', 'x', `${running.url}/topics/news.local`);
    expect(await inbox.next()).toMatchObject({ data: 'x' });
  });
});
