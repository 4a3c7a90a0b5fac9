// A DeflateFactory over node:zlib, for engines that run on Node: the synchronous calls of the native handle beneath zlib's streams, and a
// free list for streams that were closed. Apart from the engine, which imports nothing.
//
// What one codec returned may be the input of another, or of the same one, at any later time: see output.ts.
//
// The public synchronous functions make and free a native stream per call and carry no window over; the handle's `writeSync` is what
// they use themselves. Its results are two counters (output and input left over), its errors a call of `onerror`.

import { constants, createDeflateRaw, createInflateRaw } from 'node:zlib';
import type { DeflateFactory, Deflater, Inflater } from '@sluice/websocket';
import { Output } from './output.ts';

interface Handle {
  writeSync(flush: number, input: Uint8Array, start: number, length: number, output: Uint8Array, outputStart: number, outputLength: number): void;
  onerror: (message: string, errno: number, code: string) => void;
}

interface NativeStream {
  readonly _handle: Handle;
  /** Output space left, input left. */
  readonly _writeState: Uint32Array;
  reset(): void;
  close(): void;
}

const tail = Uint8Array.of(0, 0, 0xff, 0xff);
const maxFree = 4;
const output = new Output();

function native(stream: unknown): NativeStream {
  return stream as NativeStream;
}

class ZlibDeflater implements Deflater {
  readonly #stream: NativeStream;
  readonly #free: ZlibDeflater[];

  constructor(windowBits: number, level: number, memLevel: number, free: ZlibDeflater[]) {
    this.#stream = native(createDeflateRaw({ windowBits, level, memLevel }));
    this.#free = free;
  }

  compress(bytes: Uint8Array, start: number, end: number, endOfMessage: boolean): Uint8Array {
    const { _handle: handle, _writeState: state } = this.#stream;
    output.open();
    let at = start;
    let used = 0;
    for (;;) {
      const room = output.bytes.length - output.start - used;
      handle.writeSync(constants.Z_SYNC_FLUSH, bytes, at, end - at, output.bytes, output.start + used, room);
      at = end - state[1];
      used += room - state[0];
      if (state[0] !== 0) break;
      output.grow(used);
    }
    if (endOfMessage) {
      // zlib flushes once and not again: where nothing was written since, there is no block to take the four bytes from.
      if (used < 5) {
        output.bytes[output.start] = 0;
        used = 5;
      }
      used -= 4;
    }
    return output.take(used);
  }

  reset(): void {
    this.#stream.reset();
  }

  close(): void {
    this.#stream.reset();
    if (this.#free.length < maxFree) this.#free.push(this);
    else this.#stream.close();
  }
}

class ZlibInflater implements Inflater {
  readonly #stream: NativeStream;
  readonly #free: ZlibInflater[];
  #failed = false;
  #used = 0;

  constructor(windowBits: number, free: ZlibInflater[]) {
    this.#stream = native(createInflateRaw({ windowBits }));
    this.#stream._handle.onerror = () => {
      this.#failed = true;
    };
    this.#free = free;
  }

  inflate(bytes: Uint8Array, start: number, end: number, endOfMessage: boolean, limit: number): Uint8Array | 'tooLarge' | 'corrupt' {
    output.open();
    this.#used = 0;
    const wrong = this.#run(bytes, start, end, limit) ?? (endOfMessage ? this.#run(tail, 0, 4, limit) : null);
    if (wrong === null) return output.take(this.#used);
    output.drop();
    return wrong;
  }

  #run(bytes: Uint8Array, start: number, end: number, limit: number): 'tooLarge' | 'corrupt' | null {
    const { _handle: handle, _writeState: state } = this.#stream;
    for (let at = start, room = 0; at < end || room === 0; ) {
      const space = Math.min(output.bytes.length - output.start, limit + 1) - this.#used;
      handle.writeSync(constants.Z_SYNC_FLUSH, bytes, at, end - at, output.bytes, output.start + this.#used, space);
      if (this.#failed) return 'corrupt';
      room = state[0];
      this.#used += space - room;
      if (this.#used > limit) return 'tooLarge';
      at = end - state[1];
      // Input is left though there is room for output: a final block ended the stream, and another begins.
      if (at < end && room > 0) this.#stream.reset();
      if (room === 0) output.grow(this.#used);
    }
    return null;
  }

  reset(): void {
    this.#failed = false;
    this.#stream.reset();
  }

  close(): void {
    if (this.#free.length < maxFree && !this.#failed) {
      this.reset();
      this.#free.push(this);
    } else {
      this.#stream.close();
    }
  }
}

/** Native streams, made when they are needed and kept for the next connection when one closes. */
export class ZlibDeflate implements DeflateFactory {
  readonly minWindowBits = 9;
  /** Native streams made so far. */
  made = 0;
  readonly #deflaters = new Map<string, ZlibDeflater[]>();
  readonly #inflaters = new Map<number, ZlibInflater[]>();
  readonly #memoryLevel: number;

  /** `memoryLevel` as zlib's memLevel: 1 to 9, 2^(memoryLevel + 9) bytes for each deflater. Default 8. */
  constructor(memoryLevel = 8) {
    this.#memoryLevel = memoryLevel;
  }

  deflater({ windowBits, level }: { windowBits: number; level: number }): Deflater {
    const key = `${windowBits}/${level}`;
    const free = this.#deflaters.get(key) ?? [];
    this.#deflaters.set(key, free);
    return free.pop() ?? this.#count(new ZlibDeflater(windowBits, level, this.#memoryLevel, free));
  }

  inflater({ windowBits }: { windowBits: number }): Inflater {
    const bits = Math.max(windowBits, 9);
    const free = this.#inflaters.get(bits) ?? [];
    this.#inflaters.set(bits, free);
    return free.pop() ?? this.#count(new ZlibInflater(bits, free));
  }

  #count<Made>(made: Made): Made {
    this.made++;
    return made;
  }
}
