// The PROXY protocol's header, versions 1 and 2 (HAProxy's proxy-protocol.txt, section 2): what a proxy sends before the first byte of the
// client, to say whose connection it is. An engine without I/O: bytes in, a header, a failure or "need more" out. It keeps nothing, so
// any chunking gives the same result.

import type { PeerAddress } from '@sluice/transport';
import { ipv6Groups, ipv6Text, isIpv4Text } from './addresses.ts';

export interface ProxyHeader {
  /**
   * The client. Null where the connection is the proxy's own (LOCAL: a health check), or its addresses are not known (UNKNOWN, UNSPEC) or
   * are none of TCP's: then the socket's own peer counts.
   */
  readonly source: PeerAddress | null;
  /** The address that the client connected to; null with `source`. */
  readonly destination: PeerAddress | null;
  /** Bytes of the header. What follows is the client's. */
  readonly length: number;
}

/** Longest header of version 1, its line end included (section 2.1). */
export const maxTextHeaderBytes = 107;
/** The part of version 2 that is always there. */
const fixedBytes = 16;
const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];
const word = [0x50, 0x52, 0x4f, 0x58, 0x59, 0x20];
const CR = 13;
const LF = 10;

/**
 * Looks at `bytes[start, end)`, which begin with the header. Null: more is needed. A text says what is wrong. `maxBytes` bounds the header of
 * version 2 with its TLVs, which are skipped.
 */
export function readHeader(bytes: Uint8Array, start: number, end: number, maxBytes: number): ProxyHeader | string | null {
  if (start === end) return null;
  if (bytes[start] === word[0]) return beginsWith(bytes, start, end, word) ? readText(bytes, start, end) : 'this is no PROXY header';
  return beginsWith(bytes, start, end, signature) ? readBinary(bytes, start, end, maxBytes) : 'this is no PROXY header';
}

function beginsWith(bytes: Uint8Array, start: number, end: number, expected: readonly number[]): boolean {
  const count = Math.min(end - start, expected.length);
  for (let index = 0; index < count; index++) if (bytes[start + index] !== expected[index]) return false;
  return true;
}

/** Section 2.1: `PROXY TCP4 192.0.2.1 198.51.100.1 56324 443`, CR LF. */
function readText(bytes: Uint8Array, start: number, end: number): ProxyHeader | string | null {
  const stop = Math.min(end, start + maxTextHeaderBytes);
  let at = start;
  while (at < stop && bytes[at] !== LF) at++;
  if (at === stop) return stop - start === maxTextHeaderBytes ? `the header is longer than ${maxTextHeaderBytes} bytes` : null;
  if (bytes[at - 1] !== CR) return 'the header does not end with CR LF';
  const length = at + 1 - start;
  let line = '';
  for (let index = start; index < at - 1; index++) line += String.fromCharCode(bytes[index]!);
  const [, family, sourceHost = '', destinationHost = '', sourcePort = '', destinationPort = '', ...more] = line.split(' ');
  if (family === 'UNKNOWN') return { source: null, destination: null, length };
  if (family !== 'TCP4' && family !== 'TCP6') return 'the protocol is none of TCP4, TCP6 and UNKNOWN';
  const source = textAddress(family, sourceHost, sourcePort);
  const destination = textAddress(family, destinationHost, destinationPort);
  if (source === null || destination === null || more.length > 0) return `the addresses are no addresses of ${family}`;
  return { source, destination, length };
}

function textAddress(family: 'TCP4' | 'TCP6', text: string, portText: string): PeerAddress | null {
  const port = /^(?:0|[1-9]\d{0,4})$/.test(portText) ? Number(portText) : -1;
  if (port < 0 || port > 65_535) return null;
  if (family === 'TCP4') return isIpv4Text(text) ? { host: text, port } : null;
  const groups = ipv6Groups(text);
  return groups === null ? null : { host: ipv6Text(groups), port };
}

const command = { local: 0, proxy: 1 };
const family = { unspecified: 0, inet: 1, inet6: 2, unix: 3 };
const datagram = 2;

/** Section 2.2: signature, version and command, family and protocol, length, addresses, TLVs. */
function readBinary(bytes: Uint8Array, start: number, end: number, maxBytes: number): ProxyHeader | string | null {
  if (end - start < fixedBytes) return null;
  const versionAndCommand = bytes[start + 12]!;
  const kind = bytes[start + 13]!;
  const length = fixedBytes + uint16(bytes, start + 14);
  if (versionAndCommand >> 4 !== 2) return 'the version is not 2';
  if ((versionAndCommand & 15) > command.proxy) return 'the command is none of LOCAL and PROXY';
  if (length > maxBytes) return `the header is longer than ${maxBytes} bytes`;
  if (end - start < length) return null;
  const none: ProxyHeader = { source: null, destination: null, length };
  if ((versionAndCommand & 15) === command.local) return none;
  if (kind >> 4 > family.unix || (kind & 15) > datagram) return 'the address family or the protocol is unknown';
  if ((kind & 15) === datagram) return 'the protocol is not a stream';
  if (kind >> 4 === family.unspecified || kind >> 4 === family.unix || (kind & 15) === 0) return none;
  const hostBytes = kind >> 4 === family.inet ? 4 : 16;
  if (length - fixedBytes < 2 * hostBytes + 4) return 'the header is too short for its addresses';
  const hosts = start + fixedBytes;
  const ports = hosts + 2 * hostBytes;
  return {
    source: { host: binaryHost(bytes, hosts, hostBytes), port: uint16(bytes, ports) },
    destination: { host: binaryHost(bytes, hosts + hostBytes, hostBytes), port: uint16(bytes, ports + 2) },
    length,
  };
}

function binaryHost(bytes: Uint8Array, at: number, length: number): string {
  if (length === 4) return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
  return ipv6Text(Array.from({ length: 8 }, (_, index) => uint16(bytes, at + 2 * index)));
}

function uint16(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 256 + bytes[at + 1]!;
}
