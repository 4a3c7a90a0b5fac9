import { describe, expect, it } from 'vitest';
import { Incoming } from '../src/incoming.ts';
import { Opcode } from '../src/opcodes.ts';
import { toBytes } from './support/frames.ts';

const text = toBytes('κόσμε');

describe('Incoming message', () => {
  it('gives a single piece where it lies and holds nothing', () => {
    const incoming = new Incoming(100, 10, null);
    incoming.begin(Opcode.Text, false);
    expect(incoming.admit(text.length)).toBeNull();
    expect(incoming.take(text, 0, text.length, 0, true, false)).toBeNull();
    expect([incoming.data, incoming.dataStart, incoming.dataEnd]).toEqual([text, 0, text.length]);
    expect(incoming.data).toBe(text);
    expect(incoming.heldBytes).toBe(0);
  });

  it('joins pieces, with room for what the frame still lacks', () => {
    const incoming = new Incoming(100, 10, null);
    incoming.begin(Opcode.Text, false);
    incoming.admit(text.length);
    expect(incoming.take(text, 0, 3, text.length - 3, false, false)).toBeNull();
    expect(incoming.heldBytes).toBe(text.length);
    expect(incoming.take(text, 3, text.length, 0, true, false)).toBeNull();
    expect(Buffer.from(incoming.data.subarray(0, incoming.dataEnd)).toString()).toBe('κόσμε');
    incoming.giveBack();
    expect([incoming.heldBytes, incoming.dataEnd]).toEqual([0, 0]);
  });

  it('judges lengths and fragments at the head', () => {
    const incoming = new Incoming(text.length, 2, null);
    incoming.begin(Opcode.Binary, false);
    expect(incoming.admit(4)).toBeNull();
    incoming.take(text, 0, 4, 0, false, false);
    expect(incoming.admit(text.length - 3)).toBe('messageTooBig');
    incoming.giveBack();
    incoming.begin(Opcode.Binary, false);
    expect([incoming.admit(0), incoming.admit(0), incoming.admit(0)]).toEqual([null, null, 'tooManyFragments']);
  });

  it('takes the word of its caller for ASCII only between code points', () => {
    const incoming = new Incoming(100, 10, null);
    incoming.begin(Opcode.Text, false);
    incoming.take(text, 0, 1, 0, false, false);
    expect(incoming.take(toBytes('a'), 0, 1, 0, true, true)).toBe('invalidUtf8');
    incoming.giveBack();
    incoming.begin(Opcode.Text, false);
    expect(incoming.take(text, 0, text.length - 1, 0, true, false)).toBe('invalidUtf8');
  });
});
