import { FileHandleRef, type FileSource, Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { FileChunkReader } from '../src/file-chunks.ts';
import { temporaryFile } from './set-up.ts';

function reading(reader: FileChunkReader, handle: FileHandleRef, position: number, length: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    reader.read(handle, position, length, (error, chunk) => (error === null ? resolve(chunk) : reject(error)));
  });
}

const content = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);

describe('FileChunkReader', () => {
  it('reads a chunk at a position, no longer than asked for or than 64 KiB, and nothing at the end', async () => {
    const reader = new FileChunkReader();
    const handle = new FileHandleRef(new Pool(), temporaryFile(content), content.length);
    expect(await reading(reader, handle, 7, 10)).toEqual(content.slice(7, 17));
    expect(await reading(reader, handle, 0, 100_000)).toEqual(content.slice(0, 65_536));
    expect((await reading(reader, handle, 100_000, 10)).length).toBe(0);
    handle.release();
  });

  it('uses a buffer again once it was given back', async () => {
    const reader = new FileChunkReader();
    const handle = new FileHandleRef(new Pool(), temporaryFile(content), content.length);
    const first = await reading(reader, handle, 0, 10);
    reader.giveBack(first);
    const second = await reading(reader, handle, 10, 10);
    const third = await reading(reader, handle, 20, 10);
    expect(second.buffer).toBe(first.buffer);
    expect(third.buffer).not.toBe(first.buffer);
    handle.release();
  });

  it('keeps the file open while it reads', async () => {
    const pool = new Pool();
    const handle = new FileHandleRef(pool, temporaryFile(content), content.length);
    const read = reading(new FileChunkReader(), handle, 1, 3);
    handle.release();
    expect(pool.outstanding().handles).toBe(1);
    expect(Array.from(await read)).toEqual([1, 2, 3]);
    expect(pool.outstanding().handles).toBe(0);
  });

  it('reads sources without a descriptor, and tells what they throw', async () => {
    const source: FileSource = {
      fd: -1,
      readSync(into, start, length, position) {
        if (position > 0) throw new Error('torn tape');
        into.fill(5, start, start + length);
        return length;
      },
      close() {},
    };
    const handle = new FileHandleRef(new Pool(), source, 100);
    const reader = new FileChunkReader();
    expect(Array.from(await reading(reader, handle, 0, 3))).toEqual([5, 5, 5]);
    await expect(reading(reader, handle, 1, 3)).rejects.toThrow('torn tape');
    handle.release();
  });
});
