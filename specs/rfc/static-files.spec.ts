// RFC 9110 §13 (conditional requests) and §14 (ranges) on files, and no way out of the root.
// A file is sent whole from memory, or from the disk: what is asked of it must come out the same.

import { mkdirSync, renameSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DocumentRoot, modifiedAt } from '../support/document-root.ts';
import type { Reply } from '../support/http-wire.ts';
import { WirePeer } from '../support/wire-peer.ts';
import { eventually, runGateway, type RunningGateway } from '../support/running-gateway.ts';

const size = 10_000;
const content = Buffer.from(Array.from({ length: size }, (_, at) => (at * 31) % 251));
const lastModified = modifiedAt.toUTCString();
const at = (seconds: number): string => new Date(modifiedAt.getTime() + seconds * 1000).toUTCString();

let files: DocumentRoot;
let running: RunningGateway;
let peer: WirePeer;

beforeAll(async () => {
  files = new DocumentRoot({
    'ten.bin': content,
    'empty.txt': '',
    'index.html': '<!doctype html><title>root</title>',
    'sub/index.html': '<!doctype html><title>sub</title>',
    'name with spaces & ü.txt': 'named',
    '.secret': 'hidden',
    '.well-known/security.txt': 'Contact: mailto:security@example.com',
    '../secret.txt': 'outside',
    '../root-beside/secret.txt': 'outside',
    'real.txt': 'real',
  });
  files.link('inside.txt', 'real.txt');
  files.link('outside.txt', '../secret.txt');
  files.link('beside', '../root-beside');
  files.link('loop.txt', 'loop.txt');
  mkdirSync(`${files.root}/bare`);
  execFileSync('mkfifo', [`${files.root}/pipe`]);
});
afterEach(() => peer?.destroy());
afterAll(() => files.remove());

async function get(path: string, ...fields: string[]): Promise<Reply> {
  return send('GET', path, ...fields);
}

async function send(method: string, path: string, ...fields: string[]): Promise<Reply> {
  peer?.destroy();
  peer = await WirePeer.connect(running.port);
  peer.request(`${method} ${path} HTTP/1.1`, ...fields);
  return peer.reply(method);
}

describe.each([
  ['kept in memory', {}],
  ['sent from the disk', { maxCachedFileBytes: 0 }],
])('a file %s', (_, settings) => {
  let etag: string;
  beforeAll(async () => {
    running = await runGateway({ config: { root: files.root, static: settings } });
    etag = (await get('/ten.bin')).headers.get('etag')!;
  });
  afterAll(async () => {
    await running.stop();
    await eventually('nothing is held', () => running.gateway.pool.outstanding().handles === 0 && running.gateway.pool.outstanding().bytes === 0);
  });

  it('comes whole, with validators and its type', async () => {
    const reply = await get('/ten.bin');
    expect(reply.status).toBe(200);
    expect(reply.body.equals(content)).toBe(true);
    expect(Object.fromEntries(reply.headers)).toMatchObject({
      'content-length': String(size),
      'content-type': 'application/octet-stream',
      'accept-ranges': 'bytes',
      'last-modified': lastModified,
      'x-content-type-options': 'nosniff',
    });
    expect(etag).toMatch(/^"[\x21\x23-\x7e]+"$/);
  });

  it('HEAD tells the same without it', async () => {
    const reply = await send('HEAD', '/ten.bin');
    expect(reply.headers.get('content-length')).toBe(String(size));
    peer.request('GET /real.txt HTTP/1.1');
    expect((await peer.reply()).body.toString()).toBe('real');
  });

  it('an empty one is empty', async () => {
    const reply = await get('/empty.txt');
    expect(reply).toMatchObject({ status: 200, body: Buffer.alloc(0) });
    expect(reply.headers.get('content-length')).toBe('0');
    expect((await get('/empty.txt', 'Range: bytes=0-0')).status).toBe(416);
  });

  describe('14 ranges', () => {
    it.each([
      ['0-499', 0, 500],
      ['500-999', 500, 1000],
      ['-500', 9500, 10_000],
      ['9500-', 9500, 10_000],
      ['0-0', 0, 1],
      ['9999-9999', 9999, 10_000],
      ['0-', 0, 10_000],
      ['9990-20000', 9990, 10_000],
      ['0-99999999999999999999', 0, 10_000],
      ['-20000', 0, 10_000],
    ])('bytes=%s is 206 with just that', async (range, start, end) => {
      const reply = await get('/ten.bin', `Range: bytes=${range}`);
      expect(reply.status).toBe(206);
      expect(reply.headers.get('content-range')).toBe(`bytes ${start}-${end - 1}/${size}`);
      expect(reply.headers.get('content-length')).toBe(String(end - start));
      expect(reply.headers.get('etag')).toBe(etag);
      expect(reply.body.equals(content.subarray(start, end))).toBe(true);
    });

    it.each(['10000-', '10000-10001', '99999999999-', '-0'])('bytes=%s cannot be satisfied: 416', async (range) => {
      const reply = await get('/ten.bin', `Range: bytes=${range}`);
      expect(reply.status).toBe(416);
      expect(reply.headers.get('content-range')).toBe(`bytes */${size}`);
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    });

    it.each(['bytes=5-3', 'bytes=', 'bytes=a-b', 'bytes=-', 'bytes 0-5', 'lines=0-5', 'bytes=0-5-9', 'bytes=0.5-9', 'bytes=0-0,-1', 'bytes=500-700,601-999'])(
      '%s gets the whole file: not understood, or several',
      async (range) => {
        const reply = await get('/ten.bin', `Range: ${range}`);
        expect(reply.status).toBe(200);
        expect(reply.headers.has('content-range')).toBe(false);
        expect(reply.body.equals(content)).toBe(true);
      },
    );

    it('HEAD knows no ranges (14.2)', async () => {
      const reply = await send('HEAD', '/ten.bin', 'Range: bytes=0-4');
      expect(reply.status).toBe(200);
      expect(reply.headers.get('content-length')).toBe(String(size));
    });

    it.each([
      ['the entity tag', () => etag, 206],
      ['another entity tag', () => '"other"', 200],
      ['the entity tag as a weak one', () => `W/${etag}`, 200],
      ['the date', () => lastModified, 206],
      ['a later date', () => at(1), 200],
      ['an earlier date', () => at(-1), 200],
      ['no date at all', () => 'yesterday', 200],
    ])('If-Range with %s (13.1.5)', async (_name, value, status) => {
      const reply = await get('/ten.bin', 'Range: bytes=0-4', `If-Range: ${value()}`);
      expect(reply.status).toBe(status);
      expect(reply.body.length).toBe(status === 206 ? 5 : size);
    });

    it('a range that cannot be satisfied is the whole file when If-Range does not hold', async () => {
      expect((await get('/ten.bin', 'Range: bytes=10000-', 'If-Range: "other"')).status).toBe(200);
    });
  });

  describe('13 conditional requests', () => {
    it.each<[string, () => string[], number]>([
      ['If-None-Match: the tag', () => [`If-None-Match: ${etag}`], 304],
      ['If-None-Match: the tag as a weak one', () => [`If-None-Match: W/${etag}`], 304],
      ['If-None-Match: one of several', () => [`If-None-Match: "a", ${etag}, "b"`], 304],
      ['If-None-Match in two lines', () => ['If-None-Match: "a"', `If-None-Match: ${etag}`], 304],
      ['If-None-Match: *', () => ['If-None-Match: *'], 304],
      ['If-None-Match: another', () => ['If-None-Match: "a"'], 200],
      ['If-Modified-Since: its date', () => [`If-Modified-Since: ${lastModified}`], 304],
      ['If-Modified-Since: later', () => [`If-Modified-Since: ${at(60)}`], 304],
      ['If-Modified-Since: earlier', () => [`If-Modified-Since: ${at(-1)}`], 200],
      ['If-Modified-Since: no date', () => ['If-Modified-Since: 12345'], 200],
      ['If-Modified-Since in the form of RFC 850', () => ['If-Modified-Since: Tuesday, 05-Mar-24 06:07:08 GMT'], 304],
      ['If-Modified-Since in the form of asctime', () => ['If-Modified-Since: Tue Mar  5 06:07:08 2024'], 304],
      ['If-None-Match goes before If-Modified-Since (13.2.2)', () => ['If-None-Match: "a"', `If-Modified-Since: ${lastModified}`], 200],
      ['If-Match: the tag', () => [`If-Match: ${etag}`], 200],
      ['If-Match: *', () => ['If-Match: *'], 200],
      ['If-Match: another', () => ['If-Match: "a"'], 412],
      ['If-Match: the tag as a weak one', () => [`If-Match: W/${etag}`], 412],
      ['If-Unmodified-Since: its date', () => [`If-Unmodified-Since: ${lastModified}`], 200],
      ['If-Unmodified-Since: earlier', () => [`If-Unmodified-Since: ${at(-1)}`], 412],
      ['If-Match goes before If-Unmodified-Since (13.2.2)', () => [`If-Match: ${etag}`, `If-Unmodified-Since: ${at(-1)}`], 200],
      ['a Range is not looked at before (13.2.2)', () => [`If-None-Match: ${etag}`, 'Range: bytes=0-4'], 304],
    ])('%s', async (_name, fields, status) => {
      const reply = await get('/ten.bin', ...fields());
      expect(reply.status).toBe(status);
      if (status === 304) {
        expect(reply.headers.get('etag')).toBe(etag);
        expect(reply.headers.has('content-length')).toBe(false);
        peer.request('GET /real.txt HTTP/1.1');
        expect((await peer.reply()).body.toString()).toBe('real');
      }
    });

    it('a file put in the place of one of the same size and date has another tag (8.8.3)', async () => {
      files.write('replaced.txt', 'one');
      const first = await get('/replaced.txt');
      files.write('replacing.txt', 'two');
      renameSync(`${files.root}/replacing.txt`, `${files.root}/replaced.txt`);
      let reply: Reply;
      do reply = await get('/replaced.txt');
      while (reply.body.toString() === 'one');
      expect(reply.headers.get('last-modified')).toBe(first.headers.get('last-modified'));
      expect((await get('/replaced.txt', `If-None-Match: ${first.headers.get('etag')}`)).status).toBe(200);
      unlinkSync(`${files.root}/replaced.txt`);
    });

    it('a file changed again within its second is not 304 by its date (8.8.2.2)', async () => {
      const path = `${files.root}/twice.txt`;
      const second = Math.floor(Date.now() / 1000) - 1;
      writeFileSync(path, 'one');
      utimesSync(path, second + 0.25, second + 0.25);
      const told = new Date(second * 1000).toUTCString();
      writeFileSync(path, 'two');
      utimesSync(path, second + 0.75, second + 0.75);
      // What it was told within that second at the latest.
      expect((await get('/twice.txt', `If-Modified-Since: ${told}`)).status).toBe(200);
      const later = (await get('/twice.txt')).headers.get('last-modified')!;
      expect((await get('/twice.txt', `If-Modified-Since: ${later}`)).status).toBe(304);
      unlinkSync(path);
    });

    it('Last-Modified is not later than Date (8.8.2.1)', async () => {
      files.write('future.txt', 'later', new Date(Date.now() + 3_600_000));
      const { headers } = await get('/future.txt');
      expect(Date.parse(headers.get('last-modified')!)).toBeLessThanOrEqual(Date.parse(headers.get('date')!));
      expect((await get('/future.txt', `If-Modified-Since: ${headers.get('last-modified')}`)).status).toBe(200);
      unlinkSync(`${files.root}/future.txt`);
    });

    it.each(['yesterday', '2099-11-30', 'Tue, 05 Mar -2024 06:07:08 GMT', 'Tue, 05 Mar 2099', 'Tue, 5 Mar 2099 06:07:08 GMT', '4070908800', 'Sat, 31 Feb 2099 00:00:00 GMT'])(
      'If-Modified-Since: %s is none of the three forms, and ignored (5.6.7)',
      async (date) => {
        expect((await get('/ten.bin', `If-Modified-Since: ${date}`)).status).toBe(200);
      },
    );

    it('a changed file has another tag, within a second or so', async () => {
      files.write('changing.txt', 'one');
      const first = (await get('/changing.txt')).headers.get('etag')!;
      files.write('changing.txt', 'two', new Date(modifiedAt.getTime() + 5000));
      let reply: Reply;
      do reply = await get('/changing.txt', `If-None-Match: ${first}`);
      while (reply.status === 304);
      expect(reply.body.toString()).toBe('two');
      expect(reply.headers.get('etag')).not.toBe(first);
      unlinkSync(`${files.root}/changing.txt`);
    });
  });

  describe('the root', () => {
    it.each([
      ['/', '<!doctype html><title>root</title>'],
      ['/sub/', '<!doctype html><title>sub</title>'],
      ['/name%20with%20spaces%20&%20%C3%BC.txt', 'named'],
      ['/.well-known/security.txt', 'Contact: mailto:security@example.com'],
      ['/inside.txt', 'real'],
      ['/real.txt?query=ignored', 'real'],
    ])('%s is served', async (path, text) => {
      expect((await get(path)).body.toString()).toBe(text);
    });

    it('a directory without its slash leads to it', async () => {
      const reply = await get('/sub');
      expect(reply.status).toBe(301);
      expect(reply.headers.get('location')).toBe('/sub/');
      expect((await get('/sub?x=1')).headers.get('location')).toBe('/sub/?x=1');
    });

    it.each([
      '/../secret.txt',
      '/sub/../../secret.txt',
      '/%2e%2e/secret.txt',
      '/%2E%2E%2Fsecret.txt',
      '/..%2fsecret.txt',
      '/sub/..%2f..%2fsecret.txt',
      '/%252e%252e/secret.txt',
      '/..%5csecret.txt',
      '/sub/%2e%2e/real.txt',
      '//etc/passwd',
      '/sub//index.html',
      '/%2Fetc/passwd',
      '/real.txt%00',
      '/real.txt%00.html',
      '/%00',
      '/.secret',
      '/%2esecret',
      '/outside.txt',
      '/beside/secret.txt',
      '/loop.txt',
      '/real.txt/',
      '/bare/',
      '/pipe',
      '/%ff%fe',
      '/..%c0%afsecret.txt',
      `/${'a'.repeat(300)}`,
    ])('%s is not there', async (path) => {
      const reply = await get(path);
      expect(reply.status).toBe(404);
      expect(reply.body.toString()).not.toContain('outside');
      expect(reply.headers.get('content-type')).toBe('application/problem+json');
    });

    it('a redirect never leads to another host', async () => {
      for (const path of ['/sub?//example.com', '//sub?x=1', '//example.com', '//example.com/..', '/%2f%2fexample.com', '/sub%2f']) {
        const location = (await get(path)).headers.get('location') ?? '/';
        expect(location).toMatch(/^\/(?!\/)/);
      }
    });
  });
});

it('links out of the root are followed where that is wanted', async () => {
  running = await runGateway({ config: { root: files.root, static: { followSymlinks: true } } });
  expect((await get('/outside.txt')).body.toString()).toBe('outside');
  expect((await get('/../secret.txt')).status).toBe(404);
  await running.stop();
});
