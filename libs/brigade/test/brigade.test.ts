import { describe, expect, it } from 'vitest';
import { Brigade, Pool, setDebug, shareBytes } from '../src/index.ts';

setDebug(true);

describe('brigade', () => {
  it('writes, gathers and consumes', () => {
    const pool = new Pool('root');
    const brigade = new Brigade(pool);
    brigade.write(new TextEncoder().encode('hello, '));
    brigade.writeLatin1('world');
    const frame = shareBytes(pool, new TextEncoder().encode('!!'));
    brigade.append(frame.retain());
    frame.release();
    expect(brigade.count).toBe(2);
    expect(new TextDecoder().decode(brigade.flatten())).toBe('hello, world!!');
    brigade.consume(13);
    expect(pool.outstanding()).toEqual({ bytes: 1, handles: 0 });
    brigade.consume(1);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(pool.arena.busySlabs).toBe(0);
  });
});
