import { describe, expect, it } from 'vitest';
import { maskKeys, processRuntime } from '../../src/client/runtime.ts';

describe("the process's runtime", () => {
  it('fires its deadlines, and gives its timer back', async () => {
    const runtime = processRuntime();
    const fired = await new Promise((resolve) => {
      runtime.wheel.arm({ firstDeadline: -1, onTimeout: resolve }, 'reconnect', runtime.clock.now() + 1);
    });
    expect(fired).toBe('reconnect');
    runtime.close();
  });

  it('runs flushes at the end of the turn, calls back, and knows names', async () => {
    const runtime = processRuntime();
    const order: string[] = [];
    await new Promise<void>((resolve) => {
      runtime.turn.add({ flush: () => void order.push('flush') });
      runtime.after(5, () => {
        const stop = runtime.every(1, () => {
          order.push('every');
          stop();
          resolve();
        });
      });
      order.push('first');
    });
    expect(order).toEqual(['first', 'flush', 'every']);
    expect(await runtime.resolver.resolve('127.0.0.1')).toEqual(['127.0.0.1']);
    runtime.close();
  });
});

describe('masking keys', () => {
  it('use each byte of randomness once, and ask for it a page at a time', () => {
    let asked = 0;
    const next = maskKeys({
      randomBytes: (count) => {
        asked++;
        return Uint8Array.from({ length: count }, (_, index) => (index >> 2) & 0xff);
      },
    });
    expect(asked).toBe(0);
    expect([next(), next(), next()]).toEqual([0, 0x01010101, 0x02020202]);
    for (let i = 3; i < 1024; i++) next();
    expect(asked).toBe(1);
    next();
    expect(asked).toBe(2);
  });
});
