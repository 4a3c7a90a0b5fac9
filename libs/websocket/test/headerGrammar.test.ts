import { describe, expect, it } from 'vitest';
import { isToken, listHasToken, parseExtensions, parseTokenList } from '../src/headerGrammar.ts';

describe('Tokens and lists (RFC 9110, section 5.6)', () => {
  it('knows a token', () => {
    expect(['chat', 'v1.chat+x', "!#$%&'*+-.^_`|~09AZaz"].every(isToken)).toBe(true);
    expect(['', 'a b', 'a,b', 'ü', 'a/b', '"a"'].some(isToken)).toBe(false);
  });

  it('finds a token in a list in any case', () => {
    expect(listHasToken('keep-alive, UPGRADE\t', 'upgrade')).toBe(true);
    expect(listHasToken('upgraded', 'upgrade')).toBe(false);
    expect(listHasToken(undefined, 'upgrade')).toBe(false);
  });

  it('reads a list of tokens and leaves empty elements out', () => {
    expect(parseTokenList('chat, superchat ,, x')).toEqual(['chat', 'superchat', 'x']);
    expect(parseTokenList('a b')).toBeNull();
    expect(parseTokenList('')).toEqual([]);
  });

  it('is not slowed down by long runs of spaces', () => {
    const spaces = ' '.repeat(200_000);
    expect(parseTokenList(`a${spaces}b`)).toBeNull();
    expect(parseExtensions(`a${spaces};${spaces}b`)).toHaveLength(1);
  });
});

describe('Sec-WebSocket-Extensions (RFC 6455, section 9.1)', () => {
  it('reads names, parameters, values, and quoted values as tokens', () => {
    expect(parseExtensions('foo, bar; baz=2 ; qux , deflate;mode="a\\bc"')).toEqual([
      { name: 'foo', parameters: [] },
      { name: 'bar', parameters: [{ name: 'baz', value: '2' }, { name: 'qux', value: null }] },
      { name: 'deflate', parameters: [{ name: 'mode', value: 'abc' }] },
    ]);
    expect(parseExtensions(' , foo,')).toEqual([{ name: 'foo', parameters: [] }]);
  });

  it.each(['', ',', ';', 'foo;', 'foo;=1', 'foo;a=', 'foo bar', 'foo; a b', 'foo;a="x y"', 'foo;a="x', 'foo;a="', 'foo;a=b"c"', '=', 'foo=1'])(
    'refuses %j',
    (field) => {
      expect(parseExtensions(field)).toBeNull();
    },
  );
});
