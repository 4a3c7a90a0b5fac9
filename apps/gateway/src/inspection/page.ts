// `/inspector/`: the page, as apps/inspector builds it. Files with a hash in their names may be kept for good; the rest is asked for each time.
// There is nothing secret in it, so it is served to who has not signed in yet.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HttpExchange } from '@sluice/connection';
import { replyProblem } from '../http/reply.ts';
import { OpenFiles, type OpenFilesOptions } from '../static/open-files.ts';
import { StaticFiles } from '../static/static-files.ts';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));
/** Where apps/inspector builds it in a checkout; in the package, the copy that `npm pack` made. */
export const pageDirectory = existsSync(path('../../../inspector/package.json')) ? path('../../../inspector/dist') : path('../../inspector');

const policy = "default-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; object-src 'none'";
const headers = ['Content-Security-Policy', policy, 'Referrer-Policy', 'no-referrer', 'Cross-Origin-Opener-Policy', 'same-origin'];

export interface InspectorPageOptions {
  readonly directory: string;
  readonly pool: OpenFilesOptions['pool'];
  readonly clock: OpenFilesOptions['clock'];
  readonly wallClock: OpenFilesOptions['wallClock'];
  readonly onFailure: (path: string, error: unknown) => void;
}

export class InspectorPage {
  readonly #directory: string;
  readonly #files: OpenFiles;
  readonly #hashed: StaticFiles;
  readonly #named: StaticFiles;
  #isBuilt = false;

  constructor({ directory, pool, clock, wallClock, onFailure }: InspectorPageOptions) {
    this.#directory = directory;
    const caching = { maxFiles: 8, idleMs: 10_000, cacheBytes: 4 * 1024 * 1024, maxCachedFileBytes: 1024 * 1024, followSymlinks: false };
    // A few files at most: they may come out of the reserve, so that an operator can see why descriptors run short.
    this.#files = new OpenFiles({ root: directory, pool, clock, wallClock, maxDescriptor: Infinity, ...caching });
    const serve = (cacheControl: string) =>
      new StaticFiles({ files: this.#files, indexFile: 'index.html', headers: [...headers, 'Cache-Control', cacheControl], wallClock, onFailure });
    this.#hashed = serve('public, max-age=31536000, immutable');
    this.#named = serve('no-cache');
  }

  /** To be called about once a second. */
  sweep(): void {
    this.#files.sweep();
  }

  close(): void {
    this.#files.close();
  }

  /** `path` begins with `/inspector`. */
  handle(exchange: HttpExchange, path: string): void {
    if (path === '/inspector') {
      replyProblem(exchange, { status: 308, detail: 'The inspector is at /inspector/.', headers: ['Location', 'inspector/'] });
      return;
    }
    this.#isBuilt ||= existsSync(join(this.#directory, 'index.html'));
    if (!this.#isBuilt) {
      const detail = 'The inspector page is not built: run npm run build. What it shows is at /inspection/connections.';
      replyProblem(exchange, { status: 503, detail });
      return;
    }
    const file = path.slice('/inspector'.length);
    (file.startsWith('/assets/') ? this.#hashed : this.#named).handle(exchange, file);
  }
}
