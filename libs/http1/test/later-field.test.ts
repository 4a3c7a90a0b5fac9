import { describe, expect, it } from 'vitest';
import { laterField } from '../src/later-field.ts';
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
