import { describe, expect, it } from 'vitest';
import { canonicalThumbprint, thumbprintPattern } from '../../src/config/thumbprint.ts';

const pairs = (count: number, join = '') => Array.from({ length: count }, () => 'aB').join(join);

describe('A thumbprint', () => {
  it.each([pairs(20), pairs(20, ':'), pairs(32), pairs(32, ':')])('may be %s', (text) => {
    expect(thumbprintPattern.test(text)).toBe(true);
    expect(canonicalThumbprint(text)).toBe('AB'.repeat(text.replaceAll(':', '').length / 2));
  });

  it.each(['', pairs(19), pairs(21), pairs(31), pairs(33), `${pairs(20)}:`, `:${pairs(20)}`, pairs(20, '::'), pairs(20).replace('a', 'g'), ` ${pairs(20)}`, `${pairs(19)}a:B`])(
    'may not be %j',
    (text) => {
      expect(thumbprintPattern.test(text)).toBe(false);
    },
  );
});
