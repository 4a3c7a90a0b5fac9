// A directory of files for static serving, made for one spec and removed after it.

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** When its files were changed last: a whole second, in the past. */
export const modifiedAt = new Date('2024-03-05T06:07:08Z');

export class DocumentRoot {
  /** Holds `root` and, beside it, what must never be served. */
  readonly base = mkdtempSync(join(tmpdir(), 'sluice-root-'));
  readonly root = join(this.base, 'root');

  constructor(files: Readonly<Record<string, string | Uint8Array>>) {
    mkdirSync(this.root);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  /** The path is relative to the root; `../secret` lies beside it. */
  write(path: string, content: string | Uint8Array, modified = modifiedAt): string {
    const full = join(this.root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    utimesSync(full, modified, modified);
    return full;
  }

  link(path: string, to: string): void {
    symlinkSync(to, join(this.root, path));
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
