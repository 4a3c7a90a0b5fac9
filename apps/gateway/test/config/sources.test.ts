import { describe, expect, it } from 'vitest';
import { formatSource } from '../../src/config/sources.ts';
import { loaded } from './loading.ts';

describe('formatSource', () => {
  it('names the file, the variable or the flag as the operator wrote it', () => {
    const { sources } = loaded({
      file: { limits: { maxHeaders: 11 } },
      env: { SLUICE_LIMITS_MAX_URI_BYTES: '100' },
      argv: ['--demo'],
    });
    const shown = (path: string): string => formatSource(sources.get(path)!);
    expect(shown('limits.maxHeaders')).toBe('sluice.json');
    expect(shown('limits.maxUriBytes')).toBe('SLUICE_LIMITS_MAX_URI_BYTES');
    expect(shown('demo')).toBe('--demo');
  });

  it('does not name a default after its setting', () => {
    expect(formatSource(loaded().sources.get('demo')!)).toBe('default');
  });
});
