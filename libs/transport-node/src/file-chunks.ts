// Reading files in pieces where the kernel cannot send them itself: asynchronously, into buffers that are used again.

import { read } from 'node:fs';
import type { FileHandleRef } from '@sluice/brigade';

const chunkBytes = 65_536;
const maxFreeChunks = 16;
/** Given back without effect. */
const nothing = new Uint8Array(0);

/** Gets the bytes read (none at the end of the file), to be given back; or the error. */
export type ChunkRead = (error: Error | null, chunk: Uint8Array) => void;

/** One per transport. */
export class FileChunkReader {
  readonly #free: Uint8Array[] = [];

  /** Reads up to 64 KiB, and no more than `length`, from `position`. The handle is kept open meanwhile. */
  read(handle: FileHandleRef, position: number, length: number, done: ChunkRead): void {
    const buffer = this.#free.pop() ?? new Uint8Array(new ArrayBuffer(chunkBytes));
    const wanted = Math.min(length, chunkBytes);
    handle.retain();
    const finish = (error: Error | null, got: number): void => {
      handle.release();
      if (error !== null) this.giveBack(buffer);
      done(error, error === null ? buffer.subarray(0, got) : nothing);
    };
    if (handle.fd >= 0) read(handle.fd, buffer, 0, wanted, position, finish);
    else setImmediate(() => readFromSource(handle, buffer, wanted, position, finish));
  }

  /** The chunk is not needed any more; its buffer serves the next read. */
  giveBack(chunk: Uint8Array): void {
    if (chunk.buffer.byteLength !== chunkBytes || this.#free.length >= maxFreeChunks) return;
    this.#free.push(new Uint8Array(chunk.buffer));
  }
}

/** For a source without a descriptor, which is in memory or makes its bytes up. */
function readFromSource(
  handle: FileHandleRef,
  buffer: Uint8Array,
  length: number,
  position: number,
  finish: (error: Error | null, got: number) => void,
): void {
  let got = 0;
  try {
    got = handle.source.readSync(buffer, 0, length, position);
  } catch (error) {
    finish(error instanceof Error ? error : new Error(String(error)), 0);
    return;
  }
  finish(null, got);
}
