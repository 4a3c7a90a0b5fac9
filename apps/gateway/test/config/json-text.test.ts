import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJsonText } from '../../src/config/json-text.ts';

function mistakes(text: string): string[] {
  return (parseJsonText(text).mistakes ?? []).map(({ line, column, message }) => `${line}:${column}: ${message}`);
}

describe('parseJsonText', () => {
  it('takes what JSON.parse takes, with the same value', () => {
    fc.assert(
      fc.property(fc.json({ depthSize: 'medium' }), (text) => {
        const value: unknown = JSON.parse(text);
        // fast-check may repeat a key: `JSON.stringify` leaves one of each.
        expect(parseJsonText(JSON.stringify(value, null, 2))).toEqual({ value, mistakes: null });
      }),
    );
  });

  it('takes nothing that JSON.parse does not take, and never throws', () => {
    const broken = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 2 })).map(([text, at, more]) => text.slice(0, at % (text.length + 1)) + more + text.slice(at % (text.length + 1)));
    fc.assert(
      fc.property(fc.oneof(fc.string(), broken), (text) => {
        const { mistakes: found } = parseJsonText(text);
        if (found === null) JSON.parse(text);
        else for (const { line, column } of found) expect(Math.min(line, column)).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['', '1:1: not JSON: expected a value, got the end of the text'],
    ['{\n  "a": 1,\n}', '3:1: not JSON: expected a key in double quotes, got }'],
    ['{\r\n  "a": 1\r\n  "b": 2\r\n}', '3:3: not JSON: expected a comma, got a string'],
    ['[1,2', '1:5: not JSON: expected a comma or ], got the end of the text'],
    ['{"a" 1}', '1:6: not JSON: expected a colon, got a number'],
    ['{"a": True}', '1:7: not JSON: expected a value or a string in double quotes, got a word without quotes'],
    ["{'a': 1}", "1:2: not JSON: expected a value or a string in double quotes, got a single quote"],
    ['{"a": 1} {', '1:10: not JSON: expected the end of the text, got {'],
    ['{} // done', '1:4: not JSON: comments are not allowed'],
    ['{"a": "b\n"}', '1:7: not JSON: the closing quote of this string is missing'],
    [String.raw`{"a": "\u12"}`, String.raw`1:7: not JSON: expected four hexadecimal digits after \u in this string`],
    [String.raw`{"a": "C:\dir"}`, '1:7: not JSON: this string has an escape sequence that JSON does not know'],
    ['{"a": "\t"}', String.raw`1:7: not JSON: this string has a control character; write it as an escape sequence, like \n or \u0007`],
    ['{"a": 1e}', '1:7: not JSON: this number is not complete'],
    ['{"a": ;}', '1:7: not JSON: expected a value or a string in double quotes, got ;'],
  ])('%j: %s', (text, mistake) => {
    expect(mistakes(text)).toEqual([mistake]);
  });

  it('names every repeated key of one object, however it is spelled, and none of different objects', () => {
    expect(mistakes('{"a": 1,\n "b": {"a": 1},\n "\\u0061": 2,\n "a": 3}')).toEqual([
      '3:2: the key "a" is repeated; it is on line 1 already',
      '4:2: the key "a" is repeated; it is on line 1 already',
    ]);
    expect(mistakes('[{"a": 1}, {"a": 1}]')).toEqual([]);
    expect(mistakes('{"__proto__": 1, "__proto__": 2}')).toHaveLength(1);
  });

  it.each(['{"token": hush-hush}', '{"tokens": ["a" "hush-hush"]}', "{\"token\": 'hush-hush'}", '{"token": "hush-hush', '{"token": "hush-\\hush"}'])('shows no string or word, which may be a secret: %s', (text) => {
    expect(mistakes(text)).toHaveLength(1);
    expect(mistakes(text)[0]).not.toContain('hush');
  });

  it('gives up on what is nested too deeply, in words', () => {
    expect(mistakes('['.repeat(1_000_000))).toEqual(['1:1: not JSON: objects and lists are nested too deeply']);
  });
});
