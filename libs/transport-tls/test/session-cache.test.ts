import { describe, expect, it } from 'vitest';
import { SessionCache } from '../src/session-cache.ts';

const session = (name: string): Buffer => Buffer.from(name);

describe('SessionCache', () => {
  it('forgets the oldest when there are too many; what is put again is new', () => {
    const cache = new SessionCache(2);
    cache.put('a', session('1'));
    cache.put('b', session('2'));
    cache.put('a', session('3'));
    cache.put('c', session('4'));
    expect(cache.size).toBe(2);
    expect(cache.get('b')).toBe(null);
    expect(String(cache.get('a'))).toBe('3');
    expect(String(cache.get('c'))).toBe('4');
  });

  it('forgets what it is told to', () => {
    const cache = new SessionCache(2);
    cache.put('a', session('1'));
    cache.forget('a');
    cache.forget('b');
    expect(cache.get('a')).toBe(null);
  });

  it('keeps none with no room', () => {
    const cache = new SessionCache(0);
    cache.put('a', session('1'));
    expect(cache.size).toBe(0);
  });

  it('adopts the newest of another one, as far as there is room', () => {
    const full = new SessionCache(3);
    for (const key of ['a', 'b', 'c']) full.put(key, session(key));
    const small = new SessionCache(2);
    small.adopt(full);
    expect([small.get('a'), small.size]).toEqual([null, 2]);
  });
});
