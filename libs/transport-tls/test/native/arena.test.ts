import { describe, expect, it } from 'vitest';
import { pieceBytes } from '../../src/native/arena.ts';
import { nativeTls } from '../../src/native/form.ts';
import { native } from './loopback.ts';

describe.runIf(nativeTls().openssl !== null)('Arena', () => {
  it('is memory that foreign code sees, at one address for good', () => {
    const { input, output, scratch, sealed } = native.arena;
    output.bytes.set(Buffer.from('a text\0'));
    expect(native.arena.text(output.address)).toBe('a text');
    expect(Buffer.from(native.arena.copy(output.address + 2n, 4)).toString()).toBe('text');
    expect(input.bytes.length).toBe(pieceBytes);
    expect(new Set([input.address, output.address, scratch.address, sealed.address]).size).toBe(4);
  });

  it('copies are our own', () => {
    const { output } = native.arena;
    output.bytes[0] = 1;
    const copy = native.arena.copy(output.address, 1);
    output.bytes[0] = 2;
    expect(copy[0]).toBe(1);
  });

  it('lends another region at each depth, and the same one again afterwards', () => {
    const { arena } = native;
    const outer = arena.lend();
    const inner = arena.lend();
    const innermost = arena.lend();
    for (let depth = 0; depth < 3; depth++) arena.giveBack();
    expect(new Set([outer.address, inner.address, innermost.address]).size).toBe(3);
    expect(arena.lend()).toBe(outer);
    arena.giveBack();
    // A piece's worth of plaintext, the rest of a record, and a whole record more fit in.
    expect(outer.bytes.length).toBeGreaterThanOrEqual(pieceBytes + 2 * 16_384);
  });

  it('a null pointer is no text', () => {
    expect(native.arena.text(0n)).toBe('');
  });
});
