// `npm run charts -w @sluice/charts` writes the generated pages and pictures of docs/. With `--check` it writes nothing, names those that are
// not what would be written, and exits with 1 if there are any.

import { resolve } from 'node:path';
import { generateDocuments } from './documents.ts';
import { findStale, writeDocuments } from './stale.ts';

const root = resolve(import.meta.dirname, '../../..');
const [mode, ...rest] = process.argv.slice(2);
if (rest.length > 0 || (mode !== undefined && mode !== '--check')) {
  console.error('usage: main.ts [--check]');
  process.exit(2);
}
const documents = await generateDocuments();
const stale = findStale(root, documents);
if (mode === '--check') {
  for (const { path } of stale) console.error(`${path} is stale: run npm run charts -w @sluice/charts`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  writeDocuments(root, stale);
  for (const { path } of stale) console.log(`wrote ${path}`);
}
