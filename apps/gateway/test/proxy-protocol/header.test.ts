// HAProxy's proxy-protocol.txt, section 2.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeader } from '../../src/proxy-protocol/header.ts';
import { binaryHeader, inet, localHeader, textHeader } from './headers.ts';

const most = 4096;
const read = (bytes: Uint8Array, maxBytes = most) => readHeader(bytes, 0, bytes.length, maxBytes);
const client = { host: '203.0.113.9', port: 51_000 };
const server = { host: '198.51.100.1', port: 443 };
const inet6 = [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 9, 0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), 1, 0xc7, 0x38, 1, 187];

describe('version 1 (section 2.1)', () => {
  it.each([
    ['PROXY TCP4 203.0.113.9 198.51.100.1 51000 443', client, server],
    ['PROXY TCP6 2001:db8::9 2001:DB8:0:0:0:0:0:1 51000 443', { host: '2001:db8::9', port: 51_000 }, { host: '2001:db8::1', port: 443 }],
    ['PROXY TCP6 ::ffff:203.0.113.9 ::1 51000 443', client, { host: '::1', port: 443 }],
    ['PROXY UNKNOWN', null, null],
    ['PROXY UNKNOWN ffff:f...f:ffff ffff:f...f:ffff 65535 65535', null, null],
  ])('%s', (line, source, destination) => {
    const bytes = textHeader(line);
    expect(read(Buffer.concat([bytes, Buffer.from('GET / HTTP/1.1')]))).toEqual({ source, destination, length: bytes.length });
  });

  it.each([
    ['PROXY UDP4 203.0.113.9 198.51.100.1 51000 443', 'the protocol is none of'],
    ['PROXY TCP4 203.0.113.9 198.51.100.1 51000', 'the addresses are no'],
    ['PROXY TCP4 203.0.113.9 198.51.100.1 51000 443 1', 'the addresses are no'],
    ['PROXY TCP4  203.0.113.9 198.51.100.1 51000 443', 'the addresses are no'],
    ['PROXY TCP4 203.0.113.09 198.51.100.1 51000 443', 'the addresses are no'],
    ['PROXY TCP4 203.0.113.9 198.51.100.1 65536 443', 'the addresses are no'],
    ['PROXY TCP4 203.0.113.9 198.51.100.1 051 443', 'the addresses are no'],
    ['PROXY TCP4 2001:db8::9 2001:db8::1 51000 443', 'the addresses are no'],
    ['PROXY TCP6 203.0.113.9 198.51.100.1 51000 443', 'the addresses are no'],
    ['PROXYTCP4 ', 'this is no PROXY header'],
    ['POST /topics/a HTTP/1.1', 'this is no PROXY header'],
    ['GET / HTTP/1.1', 'this is no PROXY header'],
  ])('not %s', (line, why) => {
    expect(read(textHeader(line))).toContain(why);
  });

  it('ends within 107 bytes, with CR LF', () => {
    const rest = (length: number): Uint8Array => Buffer.from(`PROXY UNKNOWN ${'x'.repeat(length - 16)}\r\n`);
    expect(read(rest(107))).toMatchObject({ length: 107 });
    expect(read(rest(108))).toBe('the header is longer than 107 bytes');
    expect(read(Buffer.from('PROXY UNKNOWN\n'))).toBe('the header does not end with CR LF');
  });
});

describe('version 2 (section 2.2)', () => {
  it('has the addresses of IPv4 and IPv6; TLVs are skipped', () => {
    expect(read(binaryHeader())).toEqual({ source: client, destination: server, length: 28 });
    expect(read(binaryHeader({ tlvs: [1, 0, 2, 104, 50] }))).toEqual({ source: client, destination: server, length: 33 });
    expect(read(binaryHeader({ kind: 0x21, addresses: inet6 }))).toEqual({
      source: { host: '2001:db8::9', port: 51_000 },
      destination: { host: '2001:db8::1', port: 443 },
      length: 52,
    });
  });

  it.each([
    ['LOCAL, whatever comes with it', { command: 0, kind: 0x11 }],
    ['UNSPEC', { kind: 0, addresses: [] }],
    ['a Unix socket', { kind: 0x31, addresses: Array<number>(216).fill(0) }],
  ])('has no addresses with %s', (_, header) => {
    const bytes = binaryHeader(header);
    expect(read(bytes)).toEqual({ source: null, destination: null, length: bytes.length });
  });

  it.each([
    ['version 1', { version: 1 }, 'the version is not 2'],
    ['command 2', { command: 2 }, 'none of LOCAL and PROXY'],
    ['family 4', { kind: 0x41 }, 'the address family'],
    ['protocol 3', { kind: 0x13 }, 'the address family'],
    ['datagrams', { kind: 0x12 }, 'not a stream'],
    ['addresses cut short', { addresses: inet.slice(0, 11) }, 'too short'],
    ['IPv4 addresses for IPv6', { kind: 0x21 }, 'too short'],
  ])('is refused with %s', (_, header, why) => {
    expect(read(binaryHeader(header))).toContain(why);
  });

  it('is refused when it says that it is too long, before it comes', () => {
    const bytes = binaryHeader({ tlvs: Array<number>(100).fill(0) });
    expect(readHeader(bytes, 0, 16, 100)).toBe('the header is longer than 100 bytes');
    expect(read(bytes, 128)).toMatchObject({ length: 128 });
  });

  it('is refused at the first byte of the signature that differs', () => {
    const bytes = Uint8Array.from(binaryHeader());
    bytes[7] = 0;
    expect([readHeader(bytes, 0, 7, most), readHeader(bytes, 0, 8, most)]).toEqual([null, 'this is no PROXY header']);
  });
});

describe('any chunking', () => {
  const headers = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.nat(65_535), fc.nat(65_535)).map(([from, to, a, b]) => textHeader(`PROXY TCP4 ${from} ${to} ${a} ${b}`)),
    fc.uint8Array({ maxLength: 60 }).map((tlvs) => binaryHeader({ tlvs: [...tlvs] })),
    fc.constant(localHeader),
  );

  it('gives the header with its last byte, and not before', () => {
    fc.assert(
      fc.property(headers, fc.uint8Array({ maxLength: 20 }), (header, rest) => {
        const bytes = Buffer.concat([header, rest]);
        const whole = read(bytes);
        expect(whole).toMatchObject({ length: header.length });
        for (let end = 0; end < header.length; end++) expect(readHeader(bytes, 0, end, most)).toBe(null);
        for (let end = header.length; end <= bytes.length; end++) expect(readHeader(bytes, 0, end, most)).toEqual(whole);
      }),
    );
  });

  it('of anything gives one verdict, and never an error', () => {
    const damaged = fc.tuple(headers, fc.nat(200), fc.nat(255)).map(([header, at, value]) => {
      const bytes = Uint8Array.from(header);
      bytes[at % bytes.length] = value;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(damaged, fc.uint8Array({ maxLength: 150 })), (bytes) => {
        let verdict: ReturnType<typeof read> = null;
        for (let end = 0; end <= bytes.length; end++) {
          const now = readHeader(bytes, 0, end, most);
          if (verdict === null) verdict = now;
          else expect(now).toEqual(verdict);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
