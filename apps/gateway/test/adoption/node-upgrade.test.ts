// The bytes of a head from what Node made of it, against what was sent; and what is not passed on.

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { duplexPair, type Duplex } from 'node:stream';
import { createNodeTransport } from '@sluice/transport-node';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adoptUpgrade, requestHead, type UpgradeRequest } from '../../src/adoption/node-upgrade.ts';

const server = createServer();
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

/** What Node makes of these bytes. */
async function met(bytes: string): Promise<{ request: IncomingMessage; socket: Duplex; head: Buffer }> {
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  const upgrade = once(server, 'upgrade');
  client.write(bytes, 'latin1');
  const [request, socket, head] = (await upgrade) as [IncomingMessage, Duplex, Buffer];
  socket.destroy();
  return { request, socket, head };
}

const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const good: UpgradeRequest = { method: 'GET', url: '/', httpVersion: '1.1', rawHeaders: ['Host', 'h'] };

describe('requestHead', () => {
  it('has order, spelling, repetition and empty values as they were sent', async () => {
    const sent = `GET /topics/a?x=%20&y=1 HTTP/1.1\r\nhOsT: h:80\r\nX-A: 1\r\nx-a: 2, 3\r\nX-Empty: \r\nCookie: a=1\r\nCookie: b="2"\r\n${upgrade}\r\n`;
    const { request, head } = await met(`${sent}\x81\x00`);
    expect(requestHead(request)).toBe(sent);
    expect(head).toEqual(Buffer.from([0x81, 0]));
  });

  it('has bytes above ASCII as they were sent', async () => {
    const sent = `GET / HTTP/1.1\r\nHost: h\r\nX-Name: J\xfcrgen\xe4\r\nContent-Length: 0\r\n${upgrade}\r\n`;
    const { request } = await met(sent);
    expect(requestHead(request)).toBe(sent);
  });

  it('refuses a body, part of which Node may have read: what follows must never be taken for it', async () => {
    const length = await met(`GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n${upgrade}\r\nbody\x81\x00`);
    expect(() => requestHead(length.request)).toThrow('an upgrade with a body');
    const chunked = await met(`POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n${upgrade}\r\n0\r\n\r\n`);
    expect(() => requestHead(chunked.request)).toThrow('an upgrade with a body');
  });

  it('is one line per field, whatever the parts are made of, or nothing at all', () => {
    const part = fc.string({ unit: fc.constantFrom('a', 'B', '-', ' ', '\t', ':', '\r', '\n', '\0', '\x7f', 'ü', '☃', '\u010a') });
    const raw = fc.array(fc.tuple(part, part), { maxLength: 3 });
    fc.assert(
      fc.property(part, part, raw, (method, url, fields) => {
        let text: string;
        try {
          text = requestHead({ method, url, httpVersion: '1.1', rawHeaders: fields.flat() });
        } catch (error) {
          expect(error).toMatchObject({ operation: 'adopt', kind: 'protocolError' });
          return;
        }
        const lines = Buffer.from(text, 'latin1').toString('latin1').split('\r\n');
        expect(lines).toEqual([`${method} ${url} HTTP/1.1`, ...fields.map(([name, value]) => `${name}: ${value}`), '', '']);
        expect(lines[0]!.split(' ')).toHaveLength(3);
        for (const [name] of fields) expect(name).toMatch(/^[aB-]+$/);
      }),
    );
  });

  it.each([
    ['a method with a space', { method: 'GET /x' }],
    ['no method', { method: undefined }],
    ['a target that ends the line', { url: '/ HTTP/1.1\r\nX: y' }],
    ['no target', { url: '' }],
    ['another version', { httpVersion: '2.0' }],
    ['a name with a colon', { rawHeaders: ['Host: h\r\nX', 'y'] }],
    ['a name that is empty', { rawHeaders: ['', 'y'] }],
    ['a value with a line end', { rawHeaders: ['Host', 'h\r\nAuthorization: Bearer stolen'] }],
    ['a value with a bare line feed', { rawHeaders: ['Host', 'h\nX: y'] }],
    ['a value with NUL', { rawHeaders: ['Host', 'h\0'] }],
    ['a value that is no Latin-1', { rawHeaders: ['Host', 'h\u010d\u010a'] }],
    ['a name without a value', { rawHeaders: ['Host'] }],
  ] as const)('refuses %s', (_what, changes) => {
    expect(() => requestHead({ ...good, ...changes })).toThrow(expect.objectContaining({ operation: 'adopt', kind: 'protocolError' }));
  });
});

describe('adoptUpgrade', () => {
  it('closes the socket of a request that it refuses', () => {
    const [socket] = duplexPair();
    const request = { ...good, rawHeaders: ['Host', 'h\r\n\r\nGET /admin HTTP/1.1'] };
    expect(() => adoptUpgrade(createNodeTransport(), request, socket, Buffer.alloc(0))).toThrow('no sound field value');
    expect(socket.destroyed).toBe(true);
  });

  it('closes the socket that cannot be taken over', () => {
    const [socket] = duplexPair();
    socket.end();
    expect(() => adoptUpgrade(createNodeTransport(), good, socket, Buffer.alloc(0))).toThrow('adopt failed');
    expect(socket.destroyed).toBe(true);
  });
});
