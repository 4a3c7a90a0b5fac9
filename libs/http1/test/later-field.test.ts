import { describe, expect, it } from 'vitest';
import { Input } from '../src/input.ts';
import { laterField, restOfHead } from '../src/later-field.ts';
import { bytesOf } from './wire.ts';

describe('laterField', () => {
  it.each([
    ['aaa HTTP/1.1\r\nHost: a\r\nOrigin: https://b\r\n\r\n', 'https://b'],
    ['aaa\r\nORIGIN:\thttps://b \r\nOrigin: https://c\r\n', 'https://b'],
    ['Origin: https://b\r\nHost: a\r\n\r\n', null],
    ['aaa\r\nOrigin: https://b', null],
    ['aaa\r\n\r\nOrigin: https://b\r\n', null],
    ['aaa\r\nX-Origin: https://b\r\n: x\r\n', null],
    ['', null],
  ])('%j', (text, value) => {
    expect(laterField(bytesOf(text), 'origin')).toBe(value);
  });
});

describe('restOfHead', () => {
  it('is a copy of what is unread, at most 16 KiB', () => {
    const input = new Input();
    const lent = bytesOf(`x${'a'.repeat(20_000)}`);
    input.receive(lent, 1, lent.length);
    const rest = restOfHead(input);
    lent.fill(0);
    expect([rest.length, rest[0], rest.at(-1)]).toEqual([16_384, 97, 97]);
  });
});
