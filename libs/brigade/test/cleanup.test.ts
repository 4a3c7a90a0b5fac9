import { describe, expect, it } from 'vitest';
import { Pool } from '../src/index.ts';
import './sources.ts';

function traced(): { pool: Pool; trace: string[] } {
  return { pool: new Pool('root'), trace: [] };
}

describe('cleanup', () => {
  it('can be killed, and run early', () => {
    const { pool, trace } = traced();
    const [a, b, c] = ['a', 'b', 'c'].map((name) => pool.onDestroy(() => trace.push(name)));
    b?.kill();
    b?.run();
    a?.run();
    expect(trace).toEqual(['a']);
    expect([a?.isPending, b?.isPending, c?.isPending]).toEqual([false, false, true]);
    pool.destroy();
    expect(trace).toEqual(['a', 'c']);
  });

  it('may run or kill another one while the pool goes', () => {
    const { pool, trace } = traced();
    const killed = pool.onDestroy(() => trace.push('killed'));
    const run = pool.onDestroy(() => trace.push('run by another'));
    pool.onDestroy(() => {
      run.run();
      killed.kill();
    });
    pool.destroy();
    expect(trace).toEqual(['run by another']);
  });

  it('can be registered again and again', () => {
    const { pool, trace } = traced();
    for (let i = 0; i < 5; i++) {
      const kept = pool.onDestroy(() => trace.push(`kept ${i}`));
      pool.onDestroy(() => trace.push(`run ${i}`)).run();
      if (i === 2) pool.clear();
      expect(kept.isPending).toBe(i !== 2);
    }
    expect(trace).toEqual(['run 0', 'run 1', 'run 2', 'kept 2', 'kept 1', 'kept 0', 'run 3', 'run 4']);
  });
});
