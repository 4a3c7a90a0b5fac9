// Lookup, order, repetition and case of fields; what is kept between messages.

import { describe, expect, it } from 'vitest';
import { Http1Event } from '../src/index.ts';
import { hashOf } from '../src/characters.ts';
import { Fields } from '../src/fields.ts';
import { bytesOf, random, server } from './wire.ts';

function fieldsOf(lines: string): Fields {
  const engine = server();
  engine.receive(bytesOf(`GET / HTTP/1.0\r\n${lines}\r\n`));
  expect(engine.next()).toBe(Http1Event.Head);
  return engine.request;
}

describe('Fields', () => {
  const fields = fieldsOf('Accept: a\r\nX-Y: 1, Two,three\r\nACCEPT: b\r\nSet-Cookie: c=d\r\nset-cookie: e=f\r\nEmpty:\r\n');

  it('looks names up in any case', () => {
    expect(fields.get('x-y')).toBe('1, Two,three');
    expect(fields.get('X-Y')).toBe('1, Two,three');
    expect(fields.get('x-z')).toBeNull();
    expect(fields.has('EMPTY')).toBe(true);
    expect(fields.get('empty')).toBe('');
  });

  it('joins repeated fields, and gives them one by one', () => {
    expect(fields.get('accept')).toBe('a, b');
    expect(fields.getAll('set-cookie')).toEqual(['c=d', 'e=f']);
    expect(fields.getAll('none')).toEqual([]);
  });

  it('keeps order and case', () => {
    expect([...fields].map(([name]) => name)).toEqual(['accept', 'x-y', 'accept', 'set-cookie', 'set-cookie', 'empty']);
    expect(fields.rawNameAt(2)).toBe('ACCEPT');
    expect(fields.count).toBe(6);
    expect(() => fields.valueAt(6)).toThrow(RangeError);
    expect(() => fields.nameAt(-1)).toThrow(RangeError);
  });

  it('finds tokens in lists', () => {
    expect(fields.hasToken('x-y', 'two')).toBe(true);
    expect(fields.hasToken('X-Y', 'THREE')).toBe(true);
    expect(fields.hasToken('x-y', 'tw')).toBe(false);
    expect(fields.hasToken('accept', 'b')).toBe(true);
    expect(fields.hasToken('none', 'b')).toBe(false);
  });

  it('is not taken in by names of the same hash', () => {
    const seen = new Map<number, string>();
    const next = random(7);
    let pair: [string, string] | null = null;
    while (pair === null) {
      const name = `x${Math.floor(next() * 2 ** 48).toString(36)}`;
      const other = seen.get(hashOf(name));
      if (other !== undefined && other !== name) pair = [other, name];
      seen.set(hashOf(name), name);
    }
    const both = fieldsOf(`${pair[0]}: first\r\n${pair[1]}: second\r\n`);
    expect(both.get(pair[0])).toBe('first');
    expect(both.get(pair[1])).toBe('second');
  });

  it('lets large buffers go', () => {
    const own = new Fields();
    own.append(new Uint8Array(50_000), 0, 50_000);
    for (let i = 0; i < 100; i++) own.addLine(0, 0, 0, 0, 0);
    own.reset();
    expect(own.buffer.length).toBe(0);
    expect(own.count).toBe(0);
    expect(own.bytes).toBe(0);
  });
});
