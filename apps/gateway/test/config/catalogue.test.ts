import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/catalogue.ts';
import { problemsOf } from '../../src/config/problems.ts';

describe('every setting', () => {
  it.each(settings.map((setting) => [setting.path, setting] as const))('%s has a valid default and says what it does', (_, setting) => {
    expect(problemsOf(setting.schema, setting.default, (path) => path)).toEqual([]);
    expect(setting.description).toMatch(/^[A-Z*].*\.$/s);
  });

  it('that is a quantity has its unit at the end of its name', () => {
    const counted = /^(max[A-Z]\w*|count|level|\w+Level|\w+Bits)$/;
    for (const { path, keys, notes } of settings) {
      if (notes.kind === 'number') expect(keys.at(-1), path).toMatch(new RegExp(`(Bytes|Ms|PerSecond|^bytes)$|${counted.source}`));
    }
  });
});
