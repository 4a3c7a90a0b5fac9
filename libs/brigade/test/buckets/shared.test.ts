import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, Pool, reserveShared, shareBytes } from '../../src/index.ts';
import { bytesOf, textIn } from '../sources.ts';

describe('shared', () => {
  it('is one bucket in a thousand brigades, and goes with the last of them', () => {
    const root = new Pool('root');
    const frame = shareBytes(root, bytesOf('frame'));
    const brigades = Array.from({ length: 1000 }, () => new Brigade(root.subpool()));
    for (const brigade of brigades) brigade.append(frame.retain());
    frame.release();
    expect(root.outstanding().bytes).toBe(5);
    for (const [i, brigade] of brigades.entries()) {
      if (i % 2 === 0) brigade.consume(2);
      expect(textIn(brigade)).toBe(i % 2 === 0 ? 'ame' : 'frame');
    }
    for (const brigade of brigades) brigade.pool.destroy();
    expect(root.outstanding().bytes).toBe(0);
    expect(root.arena.busySlabs).toBe(0);
  });

  it('is not written into by the brigade it stands in', () => {
    const pool = new Pool('root');
    const frame = shareBytes(pool, bytesOf('frame'));
    const brigade = new Brigade(pool);
    brigade.append(frame);
    brigade.write(bytesOf('more'));
    expect([brigade.count, frame.length]).toEqual([2, 5]);
  });

  it('is filled in place by its maker', () => {
    const pool = new Pool('root');
    const frame = reserveShared(pool, 4);
    (frame.bytes as Uint8Array).set(bytesOf('head'), frame.start);
    const brigade = new Brigade(pool);
    brigade.append(frame);
    expect(textIn(brigade)).toBe('head');
    expect((brigade.first() as Bucket).type.name).toBe('shared');
  });
});
