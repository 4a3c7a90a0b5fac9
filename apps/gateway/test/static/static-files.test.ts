import * as fs from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemoryClient } from '../in-memory/client.ts';
import { GatewayInMemory, wallTime } from '../in-memory/gateway.ts';
import { endOfTurn } from '../log/lines.ts';
import { DocumentRoot } from './document-root.ts';

// The file system's own call, but to be made to fail.
vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>();
  return { ...original, open: vi.fn(original.open) };
});

const large = 'x'.repeat(200_000);
const modified = 'Tue, 05 Mar 2024 06:07:08 GMT';
/** Long after the files were written. */
const anHourLaterMs = Date.now() + 3_600_000;

let root: DocumentRoot;
let running: GatewayInMemory;
let client: MemoryClient;

beforeAll(() => {
  root = new DocumentRoot({
    'index.html': '<p>home',
    'a.txt': '0123456789',
    'empty': '',
    'large': large,
    'docs/index.html': '<p>docs',
    'ask?#me/index.html': '<p>odd',
    '.hidden': 'hidden',
    '../secret': 'secret',
  });
  root.link('out', '../secret');
});
afterAll(() => root.remove());
beforeEach(async () => {
  wallTime.nowMs = anHourLaterMs;
  running = await GatewayInMemory.start({ root: root.root });
  client = running.connect();
});
afterEach(async () => {
  await running.stop();
  expect(running.gateway.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
});

/** Files are opened in turns of the real event loop: lets them pass, while virtual time stands still. */
async function until(condition: () => boolean): Promise<void> {
  const { network } = running;
  for (; !condition(); await endOfTurn()) network.run(() => network.clock.nextAt() > network.clock.now());
}

async function ask(start: string, ...fields: string[]): Promise<string> {
  client.send(`${[`${start} HTTP/1.1`, 'Host: h', ...fields].join('\r\n')}\r\n\r\n`);
  await until(() => client.received.includes('\r\n\r\n'));
  return client.reply(start.startsWith('HEAD ') || / 304 /.test(client.received.slice(0, 13)));
}

const statusOf = (reply: string): number => Number(reply.slice(9, 12));
const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);
const field = (reply: string, name: string): string | undefined => new RegExp(`^${name}: (.*)\r$`, 'im').exec(reply)?.[1];

function fails(code: string): void {
  const open = vi.mocked(fs.open as (...args: unknown[]) => void);
  open.mockImplementationOnce((...args) => (args.at(-1) as (error: Error) => void)(Object.assign(new Error(code), { code })));
}

describe('a whole file', () => {
  it.each([
    ['/', '<p>home', 'text/html;charset=utf-8'],
    ['/docs/', '<p>docs', 'text/html;charset=utf-8'],
    ['/a.txt', '0123456789', 'text/plain;charset=utf-8'],
    ['/empty', '', 'application/octet-stream'],
    ['/large', large, 'application/octet-stream'],
  ])('%s', async (path, content, type) => {
    const reply = await ask(`GET ${path}`);
    expect(statusOf(reply)).toBe(200);
    expect(bodyOf(reply) === content).toBe(true);
    expect(field(reply, 'Content-Type')).toBe(type);
    expect(field(reply, 'X-Content-Type-Options')).toBe('nosniff');
    expect(field(reply, 'Accept-Ranges')).toBe('bytes');
    expect(field(reply, 'Last-Modified')).toBe(modified);
    expect(field(reply, 'ETag')).toMatch(/^".+"$/);
  });

  it('is the same from the one at hand, and without its body for HEAD', async () => {
    const first = await ask('GET /a.txt');
    // At once: nothing is opened.
    expect(client.request('GET /a.txt')).toBe(first);
    expect(client.request('HEAD /a.txt')).toBe(first.slice(0, -10));
  });

  it('may be read by pages of origins that are let in', async () => {
    await ask('GET /a.txt');
    expect(field(await ask('GET /a.txt', 'Origin: http://h'), 'Access-Control-Allow-Origin')).toBe('http://h');
    expect(field(await ask('GET /a.txt'), 'Access-Control-Allow-Origin')).toBeUndefined();
  });
});

describe('one range', () => {
  it.each([
    ['bytes=2-4', '234', 'bytes 2-4/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=0-99', '0123456789', 'bytes 0-9/10'],
  ])('%s is %s', async (range, content, contentRange) => {
    const reply = await ask('GET /a.txt', `Range: ${range}`);
    expect(statusOf(reply)).toBe(206);
    expect(bodyOf(reply)).toBe(content);
    expect(field(reply, 'Content-Range')).toBe(contentRange);
    expect(field(reply, 'ETag')).toMatch(/^".+"$/);
  });

  it('of a file that goes out by reference', async () => {
    expect(bodyOf(await ask('GET /large', 'Range: bytes=199997-'))).toBe('xxx');
  });

  it('that there is not is 416, with the size', async () => {
    const reply = await ask('GET /a.txt', 'Range: bytes=10-');
    expect(statusOf(reply)).toBe(416);
    expect(field(reply, 'Content-Range')).toBe('bytes */10');
  });

  it('is for GET only, and for the file the client knows', async () => {
    expect(statusOf(await ask('HEAD /a.txt', 'Range: bytes=2-4'))).toBe(200);
    const etag = field(await ask('GET /a.txt'), 'ETag')!;
    expect(statusOf(await ask('GET /a.txt', 'Range: bytes=2-4', `If-Range: ${etag}`))).toBe(206);
    expect(bodyOf(await ask('GET /a.txt', 'Range: bytes=2-4', 'If-Range: "other"'))).toBe('0123456789');
  });
});

describe('conditions', () => {
  it('that say the client has it: 304 with the validators and no body', async () => {
    const whole = await ask('GET /a.txt');
    const etag = field(whole, 'ETag')!;
    for (const condition of [`If-None-Match: ${etag}`, `If-Modified-Since: ${modified}`]) {
      const reply = await ask('GET /a.txt', condition);
      expect(statusOf(reply)).toBe(304);
      expect(field(reply, 'ETag')).toBe(etag);
      expect(field(reply, 'Content-Type')).toBeUndefined();
    }
    expect(await ask('GET /a.txt')).toBe(whole);
  });

  it('by a date that is none are ignored', async () => {
    for (const none of ['yesterday', '2099-01-01', 'Tue, 05 Mar 2099', '4102444800']) {
      expect(statusOf(await ask('GET /a.txt', `If-Modified-Since: ${none}`))).toBe(200);
      expect(statusOf(await ask('GET /a.txt', `If-Unmodified-Since: ${none}`))).toBe(200);
    }
  });

  it('that do not hold: 412', async () => {
    expect(statusOf(await ask('GET /a.txt', 'If-Match: "other"'))).toBe(412);
    expect(statusOf(await ask('GET /a.txt', 'If-Unmodified-Since: Tue, 05 Mar 2024 06:07:07 GMT'))).toBe(412);
  });
});

describe('Last-Modified (RFC 9110 §8.8.2.1)', () => {
  it('is not later than Date, and then says nothing of what the file will be', async () => {
    wallTime.nowMs = Date.UTC(2024, 2, 5, 6, 7, 7, 500);
    const reply = await ask('GET /a.txt');
    const told = field(reply, 'Last-Modified')!;
    expect(told).toBe('Tue, 05 Mar 2024 06:07:07 GMT');
    expect(field(reply, 'Date')).toBe(told);
    expect(statusOf(await ask('GET /a.txt', `If-Modified-Since: ${told}`))).toBe(200);
    wallTime.nowMs += 1000;
    expect(field(await ask('GET /a.txt'), 'Last-Modified')).toBe(modified);
  });

  it('within its second is no strong validator (§8.8.2.2): If-Range by it does not hold', async () => {
    wallTime.nowMs = Date.UTC(2024, 2, 5, 6, 7, 8, 900);
    expect(statusOf(await ask('GET /a.txt', 'Range: bytes=2-4', `If-Range: ${modified}`))).toBe(200);
    wallTime.nowMs += 200;
    expect(statusOf(await ask('GET /a.txt', 'Range: bytes=2-4', `If-Range: ${modified}`))).toBe(206);
  });
});

describe('refusals', () => {
  it.each(['/nothing', '/a.txt/', '/docs/nothing', '/.hidden', '/out', '/..%2fsecret', '/%ff', '//a.txt'])('%s is not found', async (path) => {
    const reply = await ask(`GET ${path}`);
    expect(statusOf(reply)).toBe(404);
    expect(JSON.parse(bodyOf(reply))).toMatchObject({ status: 404, detail: 'There is nothing here.' });
  });

  it.each([
    ['/docs', '/docs/'],
    ['/docs?x=1&y=%2F', '/docs/?x=1&y=%2F'],
    ['/docs?', '/docs/?'],
    ['/docs?//evil', '/docs/?//evil'],
    ['/ask%3F%23me', '/ask%3F%23me/'],
  ])('the directory %s is at %s', async (path, location) => {
    const reply = await ask(`GET ${path}`);
    expect(statusOf(reply)).toBe(301);
    expect(field(reply, 'Location')).toBe(location);
    expect(statusOf(await ask(`GET ${location}`))).toBe(200);
  });

  it('other methods are not possible', () => {
    const reply = client.request('DELETE /a.txt');
    expect(statusOf(reply)).toBe(405);
    expect(field(reply, 'Allow')).toBe('GET, HEAD, OPTIONS');
  });

  it('no descriptor left: 503, and soon again', async () => {
    fails('EMFILE');
    const reply = await ask('GET /a.txt');
    expect(statusOf(reply)).toBe(503);
    expect(field(reply, 'Retry-After')).toBe('1');
  });

  it('a failure of the file system: 500, and in the log', async () => {
    fails('EIO');
    const reply = await ask('GET /a.txt');
    expect(statusOf(reply)).toBe(500);
    expect(reply).not.toContain('EIO');
    expect((await running.lines()).find(({ log }) => log === 'error')).toMatchObject({
      message: 'a file could not be served',
      path: '/a.txt',
      error: expect.stringContaining('EIO'),
    });
  });
});

describe('while a file is being opened', () => {
  it('its conditions are kept, whatever comes behind', async () => {
    client.send('GET /a.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=1-2\r\n\r\nGET /nothing HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => client.received.includes('404'));
    expect(bodyOf(client.reply())).toBe('12');
    expect(statusOf(client.reply())).toBe(404);
  });

  it('its client may go', async () => {
    client.send('GET /large HTTP/1.1\r\nHost: h\r\n\r\n');
    running.network.run(() => running.gateway.registry.size === 1 && client.endpoint.bytesOut > 0);
    running.pass(1);
    client.endpoint.abort();
    running.pass(1);
    expect(running.gateway.registry.size).toBe(0);
    await until(() => running.gateway.pool.outstanding().handles === 1);
    expect((await running.lines()).filter(({ log }) => log === 'error')).toEqual([]);
  });
});
