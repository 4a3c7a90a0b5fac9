// Lent and held bytes, against a plain model.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../src/failure.ts';
import { Input } from '../src/input.ts';

describe('Input', () => {
  it('gives out every byte once, in order, whatever is lent, set aside and used', () => {
    const step = fc.record({ give: fc.integer({ min: 0, max: 40 }), use: fc.double({ min: 0, max: 1, noNaN: true }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const input = new Input();
        const given: number[] = [];
        const used: number[] = [];
        for (const { give, use } of steps) {
          const piece = Uint8Array.from({ length: give }, (_, i) => (given.length + i) & 255);
          given.push(...piece);
          input.receive(piece, 0, piece.length);
          const until = input.pos + Math.floor((input.end - input.pos) * use);
          while (input.pos < until) used.push(input.bytes[input.pos++] ?? -1);
          input.setaside();
          piece.fill(0xee);
          expect(input.heldBytes).toBe(given.length - used.length);
        }
        expect([...used, ...input.take()]).toEqual(given);
        expect(input.heldBytes).toBe(0);
      }),
    );
  });

  it('copies a number of bytes linear in those received, when they are never used', () => {
    const input = new Input();
    const buffers = new Set<Uint8Array>();
    for (let i = 0; i < 10_000; i++) {
      input.receive(Uint8Array.of(i & 255), 0, 1);
      input.setaside();
      buffers.add(input.bytes);
    }
    expect(input.heldBytes).toBe(10_000);
    expect(buffers.size).toBeLessThan(20);
  });

  it('copies what is a Node Buffer too, whose slice is no copy', () => {
    const lend = (): { input: Input; lent: Buffer } => {
      const input = new Input();
      const lent = Buffer.from('lent');
      input.receive(lent, 1, 4);
      return { input, lent };
    };
    const aside = lend();
    aside.input.setaside();
    aside.lent.fill(0);
    expect(Buffer.from(aside.input.bytes).toString()).toBe('ent');
    const taken = lend();
    const bytes = taken.input.take();
    taken.lent.fill(0);
    expect(Buffer.from(bytes).toString()).toBe('ent');
  });

  it('refuses what cannot be', () => {
    const input = new Input();
    expect(() => input.receive(new Uint8Array(2), 1, 3)).toThrow(UsageError);
    expect(() => input.receive(new Uint8Array(2), 2, 1)).toThrow(UsageError);
    input.receive(new Uint8Array(2), 0, 2);
    expect(() => input.receive(new Uint8Array(2), 0, 2)).toThrow(UsageError);
    input.drop();
    input.ended = true;
    expect(() => input.receive(new Uint8Array(2), 0, 2)).toThrow(UsageError);
  });
});
