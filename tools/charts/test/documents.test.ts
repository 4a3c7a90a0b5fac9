import { describe, expect, it } from 'vitest';
import { configurationPage, generateDocuments } from '../src/documents.ts';

describe('configurationPage', () => {
  it('ends with the tables and one line break', () => {
    expect(configurationPage('the tables\n\n')).toMatch(/[^\n]\n\nthe tables\n$/);
  });
});

describe('generateDocuments', () => {
  it('is a page and a picture for each chart, and the settings', async () => {
    expect((await generateDocuments()).map(({ path }) => path)).toEqual([
      ...['connection', 'listener', 'connector'].flatMap((name) => [`docs/charts/${name}.md`, `docs/charts/${name}.svg`]),
      'docs/configuration.md',
    ]);
  });

  it("takes the settings from the gateway's schema", async () => {
    const { text } = (await generateDocuments()).find(({ path }) => path === 'docs/configuration.md')!;
    expect(text).toContain('`SLUICE_LIMITS_MAX_MESSAGE_BYTES`');
  });
});
