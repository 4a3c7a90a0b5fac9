// A directory of files to serve, made for one test.

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** When its files were changed last: a whole second, in the past. */
export const modifiedAt = new Date('2024-03-05T06:07:08Z');

export class DocumentRoot {
  /** Holds `root` and, beside it, what must never be served. */
  readonly base = mkdtempSync(join(tmpdir(), 'sluice-static-'));
  readonly root = join(this.base, 'root');

  constructor(files: Readonly<Record<string, string>> = {}) {
    mkdirSync(this.root);
    for (const [path, content] of Object.entries(files)) this.write(path, content);
  }

  /** Puts a new file in its place: who has the one before open keeps its bytes. `../secret` lies beside the root. */
  write(path: string, content: string): void {
    const full = join(this.root, path);
    const fresh = join(this.base, 'fresh');
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(fresh, content);
    utimesSync(fresh, modifiedAt, modifiedAt);
    renameSync(fresh, full);
  }

  /** Replaces a link there is. */
  link(path: string, to: string): void {
    const full = join(this.root, path);
    rmSync(full, { force: true });
    symlinkSync(to, full);
  }

  pipe(path: string): void {
    execFileSync('mkfifo', [join(this.root, path)]);
  }

  remove(): void {
    rmSync(this.base, { recursive: true, force: true });
  }
}
