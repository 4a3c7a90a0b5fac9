import { describe, expect, it } from 'vitest';
import { endOfWord, hasCommand, Kind, kindOf } from '../src/start-line.ts';
import { bytesOf } from './wire.ts';

describe('A start line', () => {
  it.each([
    ['OK', Kind.Ok],
    ['ERR: text', Kind.Failure],
    ['ERR:', Kind.Failure],
    ['MSG a', Kind.Publication],
    ['MSG   a  ', Kind.Publication],
    ['MSG a b', Kind.None],
    ['MSG ', Kind.None],
    ['MSG', Kind.None],
    ['MSGa', Kind.None],
    ['GAP a', Kind.Gap],
    ['GAP  a.*  ', Kind.Gap],
    ['GAP a b', Kind.None],
    ['GAP', Kind.None],
    ['BYE: text', Kind.Goodbye],
    ['BYE:', Kind.Goodbye],
    ['BYE', Kind.None],
    ['BYE text', Kind.None],
    ['OK ', Kind.None],
    ['ok', Kind.None],
    ['O', Kind.None],
    ['ERR', Kind.None],
    ['', Kind.None],
  ])('%j is of kind %i', (text, kind) => {
    expect(kindOf(bytesOf(text), 0, text.length)).toBe(kind);
    expect(kindOf(bytesOf(`x${text}x`), 1, 1 + text.length)).toBe(kind);
  });

  it('of a request has a command unless it is spaces', () => {
    expect(['P', '  P', ' ', ''].map((text) => hasCommand(bytesOf(text), 0, text.length))).toEqual([true, true, false, false]);
  });

  it('has words up to a space or the end', () => {
    expect([endOfWord(bytesOf('ab c'), 0, 4), endOfWord(bytesOf('ab c'), 3, 4), endOfWord(bytesOf('ab'), 2, 2)]).toEqual([2, 4, 2]);
  });
});
