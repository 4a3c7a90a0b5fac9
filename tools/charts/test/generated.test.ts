import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { generateDocuments } from '../src/documents.ts';
import { notice } from '../src/generated.ts';

it('every generated page begins with the notice, which names a command that exists', async () => {
  const pages = (await generateDocuments()).filter(({ path }) => path.endsWith('.md'));
  expect(pages.map(({ text }) => text.startsWith(`${notice}\n`))).toEqual(pages.map(() => true));
  const [, script] = /`npm run (\S+) -w @sluice\/charts`/.exec(notice)!;
  const manifest = JSON.parse(readFileSync(resolve(import.meta.dirname, '../package.json'), 'utf8')) as { scripts: Record<string, string> };
  expect(manifest.scripts).toHaveProperty([script!]);
});
