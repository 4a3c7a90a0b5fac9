import { describe, expect, it } from 'vitest';
import { settingGroups, settings } from '../../src/config/catalogue.ts';
import { configurationTables } from '../../src/config/index.ts';

describe('the tables of the documentation', () => {
  const rows = configurationTables().split('\n').filter((line) => line.startsWith('| `'));

  it('have one row for each setting, and a section for each group', () => {
    expect(rows.map((row) => /^\| `([^`]+)`/.exec(row)?.[1])).toEqual(settings.map(({ path }) => path));
    expect(configurationTables().match(/^## /gm)).toHaveLength(settingGroups.length);
  });

  it('name variable, flag, default and bounds', () => {
    expect(rows.find((row) => row.startsWith('| `limits.maxHeaders`'))).toBe(
      '| `limits.maxHeaders`<br>`SLUICE_LIMITS_MAX_HEADERS`<br>`--limits-max-headers` | `100` | ' +
        'a whole number from 8 to 2000 | Most header lines of a request; more are answered 431. |',
    );
  });

  it('name no flag for a secret', () => {
    expect(rows.find((row) => row.startsWith('| `auth.tokens`'))).not.toContain('--auth');
  });

  it('are tables of four columns, whatever a description holds', () => {
    for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
  });
});
