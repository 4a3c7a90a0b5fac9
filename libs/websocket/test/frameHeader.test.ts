import { describe, expect, it } from 'vitest';
import * as header from '../src/frameHeader.ts';

describe('Frame head (RFC 6455, section 5.2)', () => {
  it.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
    [2 ** 31 - 1, 10],
  ])('a length of %i is written in its shortest form and read back', (length, bytes) => {
    const into = new Uint8Array(20);
    expect(header.headerBytesFor(length, false)).toBe(bytes);
    expect(header.headerBytesFor(length, true)).toBe(bytes + 4);
    expect(header.writeHeader(into, 3, 0x82, 0, length)).toBe(3 + bytes);
    expect(into[3]).toBe(0x82);
    expect(header.headerBytesOf(into[4])).toBe(bytes);
    expect(header.readLength(into, 3)).toBe(length);
  });

  it('writes lengths over 32 bits whole', () => {
    const into = new Uint8Array(10);
    header.writeHeader(into, 0, 0x82, 0, 2 ** 40 + 5);
    expect([...into]).toEqual([0x82, 127, 0, 0, 1, 0, 0, 0, 0, 5]);
  });

  it.each([
    [[0x82, 126, 0, 125], header.lengthNotMinimal],
    [[0x82, 126, 0, 0], header.lengthNotMinimal],
    [[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff], header.lengthNotMinimal],
    [[0x82, 127, 0x80, 0, 0, 0, 0, 1, 0, 0], header.lengthOutOfRange],
    [[0x82, 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], header.lengthOutOfRange],
    [[0x82, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], header.lengthCeiling],
    [[0x82, 127, 0, 0, 0, 0, 0x80, 0, 0, 0], header.lengthCeiling],
    [[0x82, 127, 0, 0, 0, 1, 0, 0, 0, 0], header.lengthCeiling],
  ])('reads %j as %i', (bytes, length) => {
    expect(header.readLength(Uint8Array.from(bytes), 0)).toBe(length);
  });

  it('reads and writes a key with its first byte lowest', () => {
    const into = new Uint8Array(6);
    header.writeKey(into, 1, 0xf4030201 | 0);
    expect([...into]).toEqual([0, 1, 2, 3, 0xf4, 0]);
    expect(header.readKey(into, 1)).toBe(0xf4030201 | 0);
  });
});
