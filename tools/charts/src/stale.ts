// Compares generated pages with those on disk, and writes them.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GeneratedDocument } from './generated.ts';

/** Those whose file under `root` is missing or has another text. */
export function findStale(root: string, documents: readonly GeneratedDocument[]): GeneratedDocument[] {
  return documents.filter(({ path, text }) => readText(join(root, path)) !== text);
}

export function writeDocuments(root: string, documents: readonly GeneratedDocument[]): void {
  for (const { path, text } of documents) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** A checkout may have its lines end the platform's way. */
function readText(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
