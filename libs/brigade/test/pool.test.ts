import { describe, expect, it } from 'vitest';
import { Brigade, heapBytes, makeSent, NotSentError, Pool, shareBytes, UsageError } from '../src/index.ts';
import { bytesOf, MemoryFile, textIn } from './sources.ts';

function traced(): { pool: Pool; trace: string[] } {
  return { pool: new Pool('root'), trace: [] };
}

describe('teardown order', () => {
  it('runs pre-cleanups, subpools, cleanups, each last first, then releases memory', () => {
    const { pool, trace } = traced();
    pool.onDestroy(() => trace.push('cleanup 1'));
    pool.beforeDestroy(() => trace.push('pre 1'));
    const first = pool.subpool('first');
    first.onDestroy(() => trace.push('first'));
    first.beforeDestroy(() => trace.push('first, pre'));
    const second = pool.subpool('second');
    second.onDestroy(() => trace.push('second'));
    second.subpool().onDestroy(() => trace.push('below second'));
    pool.beforeDestroy(() => trace.push('pre 2'));
    pool.onDestroy(() => trace.push('cleanup 2'));
    const brigade = new Brigade(pool);
    brigade.append(makeSent((error) => trace.push(error instanceof NotSentError ? 'memory' : 'wrong')));
    pool.destroy();
    expect(trace).toEqual(['pre 2', 'pre 1', 'below second', 'second', 'first, pre', 'first', 'cleanup 2', 'cleanup 1', 'memory']);
    expect([pool.destroyed, first.destroyed, second.destroyed]).toEqual([true, true, true]);
  });

  it('runs each cleanup once, whatever is destroyed again', () => {
    const { pool, trace } = traced();
    pool.onDestroy(() => {
      trace.push('outer');
      pool.destroy();
    });
    pool.onDestroy(() => {
      trace.push('inner');
      pool.clear();
    });
    pool.destroy();
    pool.destroy();
    pool.clear();
    expect(trace).toEqual(['inner', 'outer']);
  });

  it('a cleanup may add a cleanup, which runs too', () => {
    const { pool, trace } = traced();
    pool.onDestroy(() => {
      pool.onDestroy(() => trace.push('late'));
      trace.push('early');
    });
    pool.destroy();
    expect(trace).toEqual(['early', 'late']);
  });

  it('releases everything even if cleanups throw, and says so', () => {
    const { pool, trace } = traced();
    const child = pool.subpool();
    new Brigade(child).write(bytesOf('abc'));
    child.onDestroy(() => {
      throw new Error('child');
    });
    pool.onDestroy(() => trace.push('ran'));
    pool.onDestroy(() => {
      throw new Error('cleanup');
    });
    expect(() => pool.destroy()).toThrow(AggregateError);
    expect(trace).toEqual(['ran']);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(pool.destroyed).toBe(true);
  });

  it('a child may destroy its parent while it goes', () => {
    const { pool, trace } = traced();
    const child = pool.subpool();
    pool.onDestroy(() => trace.push('parent'));
    child.onDestroy(() => pool.destroy());
    child.destroy();
    expect(trace).toEqual(['parent']);
    expect([child.destroyed, pool.destroyed]).toEqual([true, true]);
  });
});

describe('clear', () => {
  it('leaves the pool for reuse and its parent alone', () => {
    const { pool: root, trace } = traced();
    const pool = root.subpool('request');
    const below = pool.subpool();
    pool.onDestroy(() => trace.push('cleanup'));
    new Brigade(below).write(bytesOf('abc'));
    pool.clear();
    expect([pool.destroyed, below.destroyed, root.destroyed]).toEqual([false, true, false]);
    expect(pool.outstanding().bytes).toBe(0);
    const brigade = new Brigade(pool);
    brigade.write(bytesOf('again'));
    expect(textIn(brigade)).toBe('again');
    pool.destroy();
    expect(trace).toEqual(['cleanup']);
  });
});

describe('clear and destroy at once', () => {
  it('a pool that a cleanup destroys while it is cleared stays destroyed', () => {
    const { pool: root, trace } = traced();
    const pool = root.subpool();
    pool.onDestroy(() => trace.push('last'));
    pool.onDestroy(() => pool.destroy());
    pool.clear();
    expect(trace).toEqual(['last']);
    expect(pool.destroyed).toBe(true);
    expect(() => pool.subpool()).toThrow(UsageError);
  });
});

describe('tree', () => {
  it('knows its ancestors', () => {
    const root = new Pool('root');
    const child = root.subpool();
    const grandchild = child.subpool();
    expect(root.isAncestorOf(child)).toBe(true);
    expect(root.isAncestorOf(grandchild)).toBe(true);
    expect(child.isAncestorOf(root)).toBe(false);
    expect(child.isAncestorOf(child)).toBe(false);
    expect(new Pool('other').isAncestorOf(child)).toBe(false);
  });

  it('can lose children in any order', () => {
    const root = new Pool('root');
    const children = Array.from({ length: 5 }, () => root.subpool());
    for (const child of children) heapBytes(child, bytesOf('x'));
    for (const i of [2, 0, 4, 1]) children[i]?.destroy();
    const trace: number[] = [];
    children[3]?.onDestroy(() => trace.push(3));
    root.destroy();
    expect(trace).toEqual([3]);
  });

  it('takes nothing more once it is destroyed', () => {
    const pool = new Pool('root');
    pool.destroy();
    expect(() => pool.subpool()).toThrow(UsageError);
    expect(() => pool.onDestroy(() => {})).toThrow(UsageError);
    expect(() => pool.beforeDestroy(() => {})).toThrow(UsageError);
    expect(() => heapBytes(pool, bytesOf('x'))).toThrow(UsageError);
    expect(() => shareBytes(pool, bytesOf('x'))).toThrow(UsageError);
  });
});

describe('outstanding', () => {
  it('counts live bytes and handles of the pool and what is below', () => {
    const root = new Pool('root');
    const child = root.subpool();
    const bucket = heapBytes(child, bytesOf('hello'));
    const file = new MemoryFile('x');
    const handle = file.open(child);
    expect(root.outstanding()).toEqual({ bytes: 5, handles: 1 });
    bucket.release();
    handle.release();
    expect(root.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(file.closed).toBe(1);
  });

  it('leaves what outlives its pool with the parent', () => {
    const root = new Pool('root');
    const child = root.subpool();
    const below = child.subpool();
    const bucket = heapBytes(below, bytesOf('hello'));
    const handle = new MemoryFile('x').open(below);
    child.destroy();
    expect(child.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(root.outstanding()).toEqual({ bytes: 5, handles: 1 });
    bucket.advance(2);
    expect(root.outstanding().bytes).toBe(3);
    bucket.release();
    handle.release();
    expect(root.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(root.arena.busySlabs).toBe(0);
  });
});
