import { describe, expect, it } from 'vitest';
import { Input } from '../src/input.ts';
import { bytesOf, textOf } from './wire.ts';

const unread = (input: Input) => textOf(input.bytes.subarray(input.pos, input.end));

describe('Input', () => {
  it('is lent, not copied', () => {
    const input = new Input();
    const bytes = bytesOf('hello');
    input.receive(bytes, 1, 4);
    expect([input.bytes, unread(input), input.heldBytes]).toEqual([bytes, 'ell', 0]);
  });

  it('is copied when set aside, and more can be added then', () => {
    const input = new Input();
    const bytes = bytesOf('hello');
    input.receive(bytes, 0, 5);
    input.pos = 2;
    input.setaside();
    bytes.fill(0x58);
    input.receive(bytesOf(' there'), 0, 6);
    input.setaside();
    expect([unread(input), input.heldBytes]).toEqual(['llo there', 9]);
    input.pos = 8;
    for (let i = 0; i < 20; i++) input.receive(bytesOf('0123456789'), i % 3, 10);
    expect(unread(input)).toBe(`e${Array.from({ length: 20 }, (_, i) => '0123456789'.slice(i % 3)).join('')}`);
  });

  it('is copied out of a Node Buffer too, whose slice() is a view of the same memory', () => {
    const input = new Input();
    const lent = Buffer.from('hello');
    input.receive(lent, 1, 5);
    input.setaside();
    lent.fill(0xe5);
    expect(unread(input)).toBe('ello');
  });

  it('takes no bytes while lent ones are unread, none after the end, and no wrong span', () => {
    const input = new Input();
    input.receive(bytesOf('a'), 0, 1);
    expect(() => input.receive(bytesOf('b'), 0, 1)).toThrow(/setaside/);
    input.pos = 1;
    for (const [start, end] of [[-1, 0], [1, 0], [0, 2], [Number.NaN, 1]] as const) expect(() => input.receive(bytesOf('b'), start, end)).toThrow(/no bytes/);
    input.ended = true;
    expect(() => input.receive(bytesOf('b'), 0, 1)).toThrow(/receiveEnd/);
  });

  it('lets go of the buffer', () => {
    const input = new Input();
    input.receive(bytesOf('a'), 0, 1);
    input.drop();
    expect([input.isEmpty, input.bytes.length]).toEqual([true, 0]);
  });
});
