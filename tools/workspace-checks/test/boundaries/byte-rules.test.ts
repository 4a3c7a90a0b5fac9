import { describe, expect, it } from 'vitest';
import { checkBytes } from '../../src/boundaries/byte-rules.ts';

const check = (text: string, path = 'libs/http1/src/a.ts'): string[] => checkBytes([{ path, text }]).map(({ where, rule }) => `${where} ${rule}`);

describe('slices of byte arrays', () => {
  it.each([
    'this.bytes = this.bytes.slice(this.pos, this.end);',
    'const own = this.#held.slice();',
    'push(scratch.slice(0, length));',
    'return arena.input.bytes.slice(0, length);',
    'const copy = readBuffer!.slice(1);',
    'const copy = leftover?.slice(1);',
  ])('are found: %s', (line) => expect(check(`// bytes.slice(0) in a comment\n${line}`)).toEqual(['libs/http1/src/a.ts:2 sliced-bytes']));

  it.each([
    'const copy = copyBytes(bytes, start, end);',
    'const view = bytes.subarray(0, 4);',
    'const short = `${name.slice(0, 80)}…`;',
    'const second = bucket.type.slice(bucket, at, length);',
    'const rest = pattern.slice(0, 100);',
    "const text = 'bytes.slice(0)';",
  ])('are not confused with %s', (line) => expect(check(line)).toEqual([]));

  it('are found in apps too', () => expect(check('bytes.slice(0)', 'apps/gateway/src/a/b.ts')).toEqual(['apps/gateway/src/a/b.ts:1 sliced-bytes']));

  it.each(['libs/http1/test/a.test.ts', 'apps/gateway/test/a.test.ts', 'libs/http1/README.md'])('are not looked for in %s', (path) => expect(check('bytes.slice(0)', path)).toEqual([]));
});
