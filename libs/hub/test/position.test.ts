import { describe, expect, it } from 'vitest';
import { formatPosition, parsePosition } from '../src/index.ts';
import { assertPosition, epochText, isHubPosition, randomWord } from '../src/position.ts';

describe('positions', () => {
  it('go through text unchanged', () => {
    let drawn = 0;
    const random = (): number => (++drawn * 0.618_033_988_749_895) % 1;
    for (const kind of ['t', 'h'] as const) {
      const position = { epoch: epochText(kind, randomWord(random), randomWord(random)), offset: 9_007_199_254_740_991 };
      expect(parsePosition(formatPosition(position))).toEqual(position);
      expect(isHubPosition(position)).toBe(kind === 'h');
    }
  });

  it.each(['', ':', 't1', 't1:', 't1:-1', 't1:1.5', 't1:01', 'x1:1', 't:1', 'T1:1', 't1:9007199254740993', ' t1:1', 't1:1\n', `t${'1'.repeat(33)}:1`])(
    'are not made of %j',
    (text) => {
      expect(parsePosition(text)).toBeNull();
    },
  );

  it('have epochs of 64 random bits and fixed length', () => {
    expect(randomWord(() => 0.999_999_999_999)).toBe(0xffff_ffff);
    expect(epochText('t', 0, 0)).toBe('t00000000000000');
    expect(epochText('h', 0xffff_ffff, -1)).toBe('h1z141z31z141z3');
  });

  it.each([-1, 0.5, Number.NaN, Infinity])('have no offset %d', (offset) => {
    expect(() => assertPosition({ epoch: 't1', offset })).toThrow(expect.objectContaining({ code: 'positionInvalid', status: 400 }));
  });
});
