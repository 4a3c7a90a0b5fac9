import { describe, expect, it } from 'vitest';
import { helpText } from '../../src/cli/help.ts';
import { commands } from '../../src/cli/run.ts';
import { settings } from '../../src/config/catalogue.ts';

describe('help', () => {
  it('names every command, every flag and its default', () => {
    const help = helpText(commands, 100);
    for (const { name } of commands) expect(help).toContain(`\n  ${name}`);
    for (const { flag, variable, notes } of settings) {
      expect(help).toContain(notes.secret ? `\n  ${variable}` : `\n  --${flag}`);
    }
    expect(help).toContain('[127.0.0.1:8080]');
  });

  it.each([60, 80, 110])('fits %i columns, apart from flags that are longer themselves', (columns) => {
    for (const line of helpText(commands, columns).split('\n')) {
      if (!line.startsWith('  --')) expect(line.length, line).toBeLessThanOrEqual(columns);
    }
  });
});
