import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Output } from '../zlib/output.ts';

it('gives out memory that is written once, whatever is grown, dropped and taken', () => {
  const step = fc.record({ length: fc.oneof(fc.nat(300), fc.nat(70_000), fc.nat(400_000)), isDropped: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const output = new Output();
      const taken: { bytes: Uint8Array; value: number; length: number }[] = [];
      for (const [index, { length, isDropped }] of steps.entries()) {
        const value = index + 1;
        output.open();
        let written = 0;
        while (written < length) {
          const room = Math.min(output.bytes.length - output.start - written, length - written);
          output.bytes.fill(value, output.start + written, output.start + written + room);
          written += room;
          if (written < length) output.grow(written);
        }
        if (isDropped) output.drop();
        else taken.push({ bytes: output.take(length), value, length });
      }
      for (const { bytes, value, length } of taken) {
        expect(bytes.length).toBe(length);
        expect(bytes.every((byte) => byte === value)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

it('keeps no grown array of a call that is over', () => {
  const output = new Output();
  const first = output.bytes.length;
  output.open();
  output.grow(first);
  expect(output.bytes.length).toBe(2 * first);
  output.drop();
  expect(output.bytes.length).toBe(first);
  output.open();
  output.grow(first);
  output.take(first);
  expect(output.bytes.length).toBe(first);
});
