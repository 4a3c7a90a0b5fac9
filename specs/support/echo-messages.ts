// What the echo specs send: messages of every length at which a frame's form or a buffer changes, some that compress well and some that do not
// compress at all, as text or binary, whole or in fragments.

import { createHash } from 'node:crypto';

export interface EchoMessage {
  readonly bytes: Buffer;
  readonly isText: boolean;
  /** Frames it is cut into, where the client lets us choose. */
  readonly frames: number;
}

const smallSizes = [0, 1, 5, 125, 126, 127, 1024, 4096];
const largeSizes = [65_535, 65_536, 1024 * 1024];
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The same for the same seed and length, and nothing that deflate makes shorter. */
function noise(length: number, seed: number): Buffer {
  return createHash('shake128', { outputLength: Math.max(1, length) }).update(`${seed}/${length}`).digest().subarray(0, length);
}

function payload(length: number, seed: number, isText: boolean, shrinks: boolean): Buffer {
  if (shrinks) return Buffer.alloc(length, `message ${seed} of ${length} bytes; `);
  const bytes = noise(length, seed);
  return isText ? Buffer.from(bytes.map((byte) => letters.charCodeAt(byte & 63))) : bytes;
}

/** `every`: each size in all eight ways; otherwise each in two, another two for another seed. */
export function echoMessages({ seed, large, every }: { seed: number; large: boolean; every: boolean }): EchoMessage[] {
  const messages: EchoMessage[] = [];
  for (const [index, size] of [...smallSizes, ...(large ? largeSizes : [])].entries()) {
    for (const shrinks of [false, true]) {
      for (const way of every ? [0, 1, 2, 3] : [(seed + index) & 3]) {
        // Random bytes are binary in every run: they are what no compressor makes shorter.
        const isText = shrinks || every ? (way & 1) === 1 : false;
        messages.push({ bytes: payload(size, seed, isText, shrinks), isText, frames: way & 2 ? 3 : 1 });
      }
    }
  }
  return messages;
}

/** What is different between a message and what came back for it; null if nothing is. */
export function difference({ bytes, isText }: EchoMessage, got: Uint8Array, gotText: boolean): string | null {
  const what = `${isText ? 'text' : 'binary'} of ${bytes.length} bytes`;
  if (isText !== gotText) return `${what}: came back as ${gotText ? 'text' : 'binary'}`;
  if (bytes.length !== got.length) return `${what}: ${got.length} bytes came back`;
  const at = bytes.findIndex((byte, index) => byte !== got[index]);
  return at < 0 ? null : `${what}: byte ${at} is wrong`;
}
