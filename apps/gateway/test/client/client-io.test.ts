import { describe, expect, it } from 'vitest';
import { processIo } from '../../src/client/client-io.ts';

describe("the process's streams and signals", () => {
  it('are those of the process, and signals are heard until told otherwise', () => {
    const io = processIo();
    expect([io.stdout, io.stderr]).toEqual([process.stdout, process.stderr]);
    const before = process.listenerCount('SIGINT');
    const stop = io.onInterrupt(() => {});
    expect([process.listenerCount('SIGINT'), process.listenerCount('SIGTERM')]).toEqual([before + 1, expect.any(Number)]);
    stop();
    expect(process.listenerCount('SIGINT')).toBe(before);
  });
});
