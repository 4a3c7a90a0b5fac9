// Frames written by hand, byte by byte after RFC 6455, section 5.2, right or wrong as a test wants them.

export interface RawFrame {
  readonly opcode: number;
  readonly payload?: string | Uint8Array | readonly number[];
  /** Default true. */
  readonly fin?: boolean;
  /** The three reserved bits, as they stand in the first byte (0x40, 0x20, 0x10). */
  readonly rsv?: number;
  /** Default: a key that changes every byte. `null`: not masked. */
  readonly mask?: readonly [number, number, number, number] | null;
  /** Which form the length takes; the shortest by default. */
  readonly lengthForm?: 7 | 16 | 64;
  /** A length that is not the payload's. */
  readonly length?: bigint;
}

const defaultMask = [0x81, 0x02, 0xf3, 0x5a] as const;

export function toBytes(payload: string | Uint8Array | readonly number[] = ''): Uint8Array {
  return typeof payload === 'string' ? new TextEncoder().encode(payload) : Uint8Array.from(payload);
}

export function rawFrame(frame: RawFrame): Uint8Array {
  const payload = toBytes(frame.payload);
  const mask = frame.mask === undefined ? defaultMask : frame.mask;
  const length = frame.length ?? BigInt(payload.length);
  const form = frame.lengthForm ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  const masked = mask === null ? 0 : 0x80;
  const bytes = [(frame.fin === false ? 0 : 0x80) | (frame.rsv ?? 0) | frame.opcode];
  if (form === 7) bytes.push(masked | Number(length));
  else bytes.push(masked | (form === 16 ? 126 : 127));
  const extended = form === 7 ? 0 : form / 8;
  for (let place = extended - 1; place >= 0; place--) bytes.push(Number((length >> BigInt(8 * place)) & 0xffn));
  if (mask !== null) bytes.push(...mask);
  const whole = new Uint8Array(bytes.length + payload.length);
  whole.set(bytes);
  for (let at = 0; at < payload.length; at++) whole[bytes.length + at] = payload[at] ^ (mask === null ? 0 : mask[at & 3]);
  return whole;
}

/** The same frames as a client sends them (masked) or a server (not). */
export function rawFrames(frames: readonly RawFrame[], from: 'client' | 'server' = 'client'): Uint8Array {
  return join(frames.map((frame) => rawFrame(from === 'client' ? frame : { mask: null, ...frame })));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export interface ParsedFrame {
  readonly first: number;
  readonly masked: boolean;
  readonly payload: Uint8Array;
}

/** Takes frames apart again, independently of the engine; throws if the bytes end inside one. */
export function parseFrames(bytes: Uint8Array): ParsedFrame[] {
  const frames: ParsedFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const first = view.getUint8(at);
    const second = view.getUint8(at + 1);
    const short = second & 0x7f;
    let from = at + 2;
    let length = short;
    if (short === 126) {
      length = view.getUint16(from);
      from += 2;
    } else if (short === 127) {
      length = Number(view.getBigUint64(from));
      from += 8;
    }
    const masked = second >= 0x80;
    const key = masked ? bytes.slice(from, from + 4) : Uint8Array.of(0, 0, 0, 0);
    if (masked) from += 4;
    at = from + length;
    if (at > bytes.length) throw new Error('the bytes end inside a frame');
    frames.push({ first, masked, payload: bytes.slice(from, at).map((byte, index) => byte ^ key[index & 3]) });
  }
  return frames;
}
