// WebSocket frames as they are on the wire (RFC 6455 §5.2), made and read by hand, for specs.

import { createHash } from 'node:crypto';
import type { WirePeer, Take } from './wire-peer.ts';
import type { Reply } from './http-wire.ts';

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface FrameFields {
  readonly opcode: number;
  /** Text is sent as UTF-8. */
  readonly payload?: string | Uint8Array;
  readonly fin?: boolean;
  /** RSV1 to RSV3 as the bits 4, 2 and 1. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** How the length is written; the shortest form by default. */
  readonly lengthForm?: 7 | 16 | 64;
  /** A length other than the payload's. */
  readonly length?: number;
}

export interface Frame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Buffer;
}

const mask = Buffer.from([0x37, 0xfa, 0x21, 0x3d]);

/** The bytes of a client's frame. */
export function frame({ opcode, payload = '', fin = true, rsv = 0, masked = true, lengthForm, length }: FrameFields): Buffer {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const form = lengthForm ?? (size < 126 ? 7 : size < 65_536 ? 16 : 64);
  const head = Buffer.alloc(form === 7 ? 2 : form === 16 ? 4 : 10);
  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (form === 7 ? size : form === 16 ? 126 : 127);
  if (form === 16) head.writeUInt16BE(size, 2);
  if (form === 64) head.writeBigUInt64BE(BigInt(size), 2);
  if (!masked) return Buffer.concat([head, data]);
  return Buffer.concat([head, mask, data.map((byte, at) => byte ^ mask[at & 3]!)]);
}

/** The payload of a close frame. */
export function closePayload(code: number, reason = ''): Buffer {
  return Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
}

export const parseFrame: Take<Frame> = (bytes) => {
  if (bytes.length < 2) return null;
  const short = bytes[1]! & 0x7f;
  const masked = bytes[1]! > 0x7f;
  let start = short === 126 ? 4 : short === 127 ? 10 : 2;
  if (bytes.length < start) return null;
  const length = short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short;
  if (masked) start += 4;
  if (bytes.length < start + length) return null;
  const value = { fin: bytes[0]! > 0x7f, rsv: (bytes[0]! >> 4) & 7, opcode: bytes[0]! & 15, masked, payload: Buffer.from(bytes.subarray(start, start + length)) };
  return { value, length: start + length };
};

/** Takes apart what a server has sent: whole frames and nothing behind them. */
export function framesOf(sent: string): Frame[] {
  const frames: Frame[] = [];
  let rest = Buffer.from(sent, 'latin1');
  for (let taken = parseFrame(rest, false); taken !== null; taken = parseFrame(rest, false)) {
    frames.push(taken.value);
    rest = rest.subarray(taken.length);
  }
  if (rest.length > 0) throw new Error(`${rest.length} bytes that are no whole frame`);
  return frames;
}

export interface CloseInfo {
  readonly code: number;
  readonly reason: string;
}

/** The next frame, which must be a close frame. */
export async function closeOf(peer: WirePeer): Promise<CloseInfo> {
  const { opcode, payload } = await peer.frame();
  if (opcode !== opcodes.close) throw new Error(`opcode ${opcode} where a close frame was due: ${payload.toString()}`);
  return payload.length === 0 ? { code: 1005, reason: '' } : { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}

export const sampleKey = 'dGhlIHNhbXBsZSBub25jZQ==';

export function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** Sends the client's opening handshake; the answer must be 101. */
export async function openSocket(peer: WirePeer, path: string, ...fields: string[]): Promise<Reply> {
  peer.request(`GET ${path} HTTP/1.1`, 'Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Key: ${sampleKey}`, 'Sec-WebSocket-Version: 13', ...fields);
  const reply = await peer.reply();
  if (reply.status !== 101) throw new Error(`${reply.status} ${reply.reason}: ${reply.body.toString()}`);
  return reply;
}
