import { Brigade, Pool, makeFlush, shareBytes } from '@sluice/brigade';
import { WebSocketEngine } from '@sluice/websocket';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutFrameBytes } from '../src/websocket-frames.ts';

const lengths = fc.constantFrom(0, 1, 125, 126, 127, 300, 65_535, 65_536, 70_000);

/** Frames of those payload lengths as an engine makes them, and where each begins. */
function frames(role: 'client' | 'server', payloads: readonly number[]) {
  const pool = new Pool('frames');
  const engine = new WebSocketEngine({ role, pool, maskKey: () => 0x5a5b5c5d });
  const begins: number[] = [];
  for (const length of payloads) {
    begins.push(engine.output.length);
    engine.sendBinary(new Uint8Array(length), 0, length);
  }
  return { pool, output: engine.output, begins: [...begins, engine.output.length] };
}

it('answers what is left of the frame that a cut goes through', () => {
  fc.assert(
    fc.property(fc.constantFrom('client' as const, 'server' as const), fc.array(lengths, { minLength: 1, maxLength: 6 }), fc.nat(), fc.double({ min: 0, max: 1, noNaN: true }), (role, payloads, from, to) => {
      const { output, begins, pool } = frames(role, payloads);
      const start = begins[from % payloads.length]!;
      const cut = start + Math.floor(to * (output.length - start));
      const end = begins.find((begin) => begin >= cut)!;
      expect(cutFrameBytes(output, start, cut)).toBe(end - cut);
      output.destroy();
      pool.destroy();
    }),
  );
});

it('passes marks and buckets of any size', () => {
  const pool = new Pool('buckets');
  const whole = Uint8Array.of(0x82, 126, 0, 130, ...new Uint8Array(130), 0x81, 1, 0x61);
  for (let size = 1; size < 9; size++) {
    const output = new Brigade(pool);
    for (let at = 0; at < whole.length; at += size) {
      output.append(shareBytes(pool, whole.slice(at, at + size)));
      output.append(makeFlush());
    }
    expect(cutFrameBytes(output, 0, 3)).toBe(131);
    expect(cutFrameBytes(output, 0, 134)).toBe(0);
    expect(cutFrameBytes(output, 0, 135)).toBe(2);
    expect(cutFrameBytes(output, 134, 136)).toBe(1);
    output.destroy();
  }
});
