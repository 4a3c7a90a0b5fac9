// A file far larger than the memory it may take: 1 GiB arrives byte-exact while the gateway's resident set stays where it was,
// with sendfile(2) and without.

import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DocumentRoot } from '../support/document-root.ts';
import { GatewayProcess } from '../support/gateway-process.ts';

const GiB = 1024 ** 3;
const MiB = 1024 ** 2;
/** Where it is not zero: the ends, and around the borders of likely pieces. */
const marks = [0, 65_535, 65_536, MiB - 3, 4 * MiB, 333_333_333, GiB / 2 - 1, GiB - 70_000, GiB - 5];
const mark = Buffer.from('mark!');

let files: DocumentRoot;
let digest: string;
beforeAll(() => {
  files = new DocumentRoot({});
  const fd = openSync(join(files.root, 'large.bin'), 'w');
  ftruncateSync(fd, GiB);
  for (const position of marks) writeSync(fd, mark, 0, mark.length, position);
  closeSync(fd);
  digest = digestOf();
});
afterAll(() => files.remove());

/** Of what the file is meant to hold, without reading it. */
function digestOf(): string {
  const hash = createHash('sha256');
  const piece = Buffer.alloc(MiB);
  for (let start = 0; start < GiB; start += MiB) {
    const inside = marks.filter((position) => position + mark.length > start && position < start + MiB);
    if (inside.length === 0) {
      hash.update(piece);
      continue;
    }
    const marked = Buffer.alloc(MiB);
    for (const position of inside) for (let index = 0; index < mark.length; index++) marked[position + index - start] = mark[index]!;
    hash.update(marked);
  }
  return hash.digest('hex');
}

interface Received {
  readonly head: string;
  readonly bytes: number;
  readonly digest: string;
}

/** Asks for the file and hashes its body as it comes; `eachPiece` is called for every read. */
function download(port: number, fields: string, eachPiece: () => void): Promise<Received> {
  return new Promise((done, failed) => {
    const hash = createHash('sha256');
    let head = '';
    let bytes = 0;
    const socket = connect(port, '127.0.0.1', () => socket.write(`GET /large.bin HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`));
    socket.on('data', (data: Buffer) => {
      let body = data;
      if (bytes === 0 && !head.includes('\r\n\r\n')) {
        const end = data.indexOf('\r\n\r\n');
        head += data.toString('latin1', 0, end < 0 ? data.length : end + 4);
        body = end < 0 ? Buffer.alloc(0) : data.subarray(end + 4);
      }
      bytes += body.length;
      hash.update(body);
      eachPiece();
    });
    socket.on('end', () => done({ head, bytes, digest: hash.digest('hex') }));
    socket.on('error', failed);
  });
}

describe.each(['auto', 'off'] as const)('with native I/O %s', (nativeIo) => {
  let gateway: GatewayProcess;
  beforeAll(async () => {
    const script = ['--conditions=@sluice/source', resolve(import.meta.dirname, '../support/serve-large-file.ts')];
    gateway = new GatewayProcess([files.root, nativeIo], { script });
    await gateway.ready();
  });
  afterAll(() => gateway.kill());

  it('1 GiB arrives byte-exact and RSS stays flat', async () => {
    await download(gateway.port, 'Range: bytes=0-33554431\r\n', () => {});
    const before = gateway.residentBytes();
    let highest = before;
    let pieces = 0;
    const received = await download(gateway.port, '', () => {
      if (pieces++ % 256 === 0) highest = Math.max(highest, gateway.residentBytes());
    });
    expect(received.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(received.bytes).toBe(GiB);
    expect(received.digest).toBe(digest);
    expect((highest - before) / MiB).toBeLessThan(24);
  });

  it('a range beyond 512 MiB is exact too', async () => {
    const start = GiB - 100_000;
    const received = await download(gateway.port, `Range: bytes=${start}-\r\n`, () => {});
    const expected = Buffer.alloc(100_000);
    mark.copy(expected, 30_000);
    mark.copy(expected, 99_995);
    expect(received.head).toMatch(/^HTTP\/1\.1 206 /);
    expect(received.digest).toBe(createHash('sha256').update(expected).digest('hex'));
  });
});
