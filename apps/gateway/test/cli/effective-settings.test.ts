import { describe, expect, it } from 'vitest';
import { effectiveSettings } from '../../src/cli/effective-settings.ts';
import { loaded } from '../config/loading.ts';

describe('effective settings', () => {
  it('stand in aligned columns, also beside one very long value', () => {
    const origins = Array.from({ length: 20 }, (_, index) => `https://app${index}.example.com`).join(',');
    const lines = effectiveSettings(loaded({ argv: ['--origins', origins] })).trimEnd().split('\n');
    const columns = lines.filter((line) => !line.startsWith('origins')).map((line) => line.indexOf('default'));
    expect(new Set(columns).size).toBe(1);
    expect(columns[0]).toBeLessThan(90);
  });
});
