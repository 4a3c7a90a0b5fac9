import { closeSync, mkdtempSync, openSync, readSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileHandleRef, UsageError } from '../../src/index.ts';
import { brigade, pool, useFreshBrigade } from '../fresh-brigade.ts';
import { MemoryFile } from '../sources.ts';

useFreshBrigade();

describe('insertFile', () => {
  it('inserts a file larger than memory, and splits it by arithmetic alone', () => {
    const directory = mkdtempSync(join(tmpdir(), 'brigade-'));
    const path = join(directory, 'sparse');
    const size = 2 ** 33 + 424_242;
    try {
      const fd = openSync(path, 'w+');
      truncateSync(path, size);
      const source = {
        fd,
        readSync: (into: Uint8Array, start: number, length: number, position: number) => readSync(fd, into, start, length, position),
        close: () => closeSync(fd),
      };
      const handle = new FileHandleRef(pool, source, size);
      brigade.insertFile(handle, 0, size);
      handle.release();
      expect(brigade.length).toBe(size);
      expect(brigade.memoryBytes).toBe(0);
      for (let i = 0; i < brigade.count; i++) expect(brigade.at(i).length).toBeGreaterThan(0);
      const cut = brigade.partition(2 ** 33 + 1) as number;
      const rest = brigade.splitAt(cut);
      expect([brigade.length, rest.length]).toEqual([2 ** 33 + 1, 424_241]);
      brigade.consume(2 ** 33);
      expect(brigade.flatten()).toEqual(new Uint8Array(1));
      expect(rest.at(0).start).toBe(2 ** 33 + 1);
      brigade.destroy();
      expect(pool.outstanding()).toEqual({ bytes: 0, handles: 1 });
      rest.destroy();
      expect(() => closeSync(fd)).toThrow(/EBADF/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it('refuses spans that cannot be', () => {
    const handle = new MemoryFile('abc').open(pool);
    expect(() => brigade.insertFile(handle, -1, 2)).toThrow(UsageError);
    expect(() => brigade.insertFile(handle, 0, -2)).toThrow(UsageError);
    brigade.insertFile(handle, 0, 0);
    expect(brigade.isEmpty).toBe(true);
    handle.release();
  });
});
