// A peer that says what it likes, byte for byte, and keeps all it is told. Over any transport's endpoint.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';

export class RawPeer implements EndpointSink {
  readonly endpoint: Endpoint;
  /** Everything received, one character a byte. */
  received = '';
  /** FIN has come. */
  hasEnded = false;
  isClosed = false;
  /** How it closed: null in good order. */
  error: TransportError | null = null;
  readonly #pool = new Pool('raw peer');

  constructor(endpoint: Endpoint, reading = true) {
    this.endpoint = endpoint;
    endpoint.attach(this);
    endpoint.setReading(reading);
  }

  send(bytes: string | Uint8Array): void {
    if (this.isClosed) return;
    const brigade = new Brigade(this.#pool);
    const buffer = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    brigade.write(buffer, 0, buffer.length);
    this.endpoint.write(brigade);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.received += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  }

  onEnd(): void {
    this.hasEnded = true;
    this.endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.isClosed = true;
    this.error = error;
    this.#pool.destroy();
  }
}

export interface RawReply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

export interface RawReplies {
  readonly replies: readonly RawReply[];
  /** What came behind 101. */
  readonly upgraded: string | null;
}

/**
 * Reads what a server has sent until it closed, as strictly as can be: anything that is not a row of whole replies throws. Requests
 * must not have been HEAD.
 */
export function readReplies(text: string): RawReplies {
  const replies: RawReply[] = [];
  let at = 0;
  while (at < text.length) {
    const headEnd = text.indexOf('\r\n\r\n', at);
    if (headEnd < 0) throw new Error(`a head that does not end: ${JSON.stringify(text.slice(at, at + 80))}`);
    const head = text.slice(at, headEnd);
    const status = /^HTTP\/1\.1 (\d{3}) [ -~]*(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+: [\t -~\x80-\xff]*)*$/.exec(head);
    if (status === null) throw new Error(`not a head: ${JSON.stringify(head)}`);
    at = headEnd + 4;
    const code = Number(status[1]);
    if (code === 101) return { replies: [...replies, { status: code, head, body: '' }], upgraded: text.slice(at) };
    if (code < 200) continue;
    const [body, end] = readBody(text, at, head, code);
    replies.push({ status: code, head, body });
    at = end;
  }
  return { replies, upgraded: null };
}

function readBody(text: string, at: number, head: string, status: number): [string, number] {
  if (status === 204 || status === 304) return ['', at];
  const length = /\r\nContent-Length: (\d+)/.exec(head);
  if (length !== null) {
    const end = at + Number(length[1]);
    if (end > text.length) throw new Error(`a body of ${text.length - at} bytes instead of ${length[1]}`);
    return [text.slice(at, end), end];
  }
  if (!head.includes('\r\nTransfer-Encoding: chunked')) return [text.slice(at), text.length];
  let body = '';
  for (;;) {
    const line = text.indexOf('\r\n', at);
    const size = /^[0-9a-f]+$/i.exec(text.slice(at, Math.max(at, line)));
    if (size === null) throw new Error(`not a chunk: ${JSON.stringify(text.slice(at, at + 40))}`);
    const bytes = Number.parseInt(size[0], 16);
    at = line + 2;
    body += text.slice(at, at + bytes);
    if (text.slice(at + bytes, at + bytes + 2) !== '\r\n') throw new Error('a chunk that does not end');
    at += bytes + 2;
    if (bytes === 0) return [body, at];
  }
}

export interface RawFrame {
  readonly opcode: number;
  readonly payload: string;
  /** Of a close frame; 1005 without one. */
  readonly closeCode: number;
}

/** Reads a server's frames (RFC 6455 §5.2); anything but whole, unmasked, final frames throws (compressed ones are left as they are). */
export function readFrames(text: string): RawFrame[] {
  const frames: RawFrame[] = [];
  let at = 0;
  while (at < text.length) {
    const first = text.charCodeAt(at);
    let length = text.charCodeAt(at + 1);
    if ((first & 0xb0) !== 0x80 || length > 127) throw new Error(`not a frame of a server: ${first.toString(16)} ${length}`);
    at += 2;
    const bytes = length === 126 ? 2 : length === 127 ? 8 : 0;
    if (bytes > 0) {
      length = 0;
      for (let i = 0; i < bytes; i++) length = length * 256 + text.charCodeAt(at + i);
      at += bytes;
    }
    if (!(at + length <= text.length)) throw new Error(`a frame of ${text.length - at} bytes instead of ${length}`);
    const payload = text.slice(at, at + length);
    at += length;
    const opcode = first & 0x0f;
    const closeCode = opcode !== 8 ? 0 : length < 2 ? 1005 : payload.charCodeAt(0) * 256 + payload.charCodeAt(1);
    frames.push({ opcode, payload, closeCode });
  }
  return frames;
}

/** A client's frame, masked. `first` is FIN, RSV and opcode. */
export function clientFrame(first: number, payload: string | Uint8Array, mask = 0x12_34_56_78): Buffer {
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
  const { length } = bytes;
  const extended = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = Buffer.alloc(2 + extended + 4 + length);
  frame[0] = first;
  frame[1] = 0x80 | (extended === 0 ? length : extended === 2 ? 126 : 127);
  if (extended === 2) frame.writeUInt16BE(length, 2);
  if (extended === 8) frame.writeBigUInt64BE(BigInt(length), 2);
  const key = 2 + extended;
  frame.writeUInt32BE(mask >>> 0, key);
  for (let i = 0; i < length; i++) frame[key + 4 + i] = bytes[i]! ^ frame[key + (i & 3)]!;
  return frame;
}

export function handshakeFor(target: string, ...fields: readonly string[]): string {
  return [
    `GET ${target} HTTP/1.1`,
    'Host: gateway',
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    'Sec-WebSocket-Version: 13',
    ...fields,
    '\r\n',
  ].join('\r\n');
}
