// Replies with files under a root: whole or one range, conditional, by reference.
//
// No way out of the root: the path is checked by its form (safe-path.ts), and the real path of what is opened must lie inside
// unless links may be followed (open-files.ts).

import type { HttpExchange } from '@sluice/connection';
import { EncodedFields, type FieldList } from '@sluice/http1';
import { lookup } from 'mrmime';
import { formatHttpDate } from '../http/http-date.ts';
import { replyMethodNotAllowed, replyProblem } from '../http/reply.ts';
import { evaluatePreconditions, ifRangeHolds } from './conditional.ts';
import type { OpenFile } from './open-file.ts';
import type { OpenFiles, OpenResult } from './open-files.ts';
import { parseRange } from './ranges.ts';
import { safePath } from './safe-path.ts';

export interface StaticFilesOptions {
  readonly files: OpenFiles;
  /** Served for a directory. */
  readonly indexFile: string;
  /** With every file: a Content-Security-Policy, say. */
  readonly headers: FieldList;
  /** Milliseconds since 1970: the clock that Date is read from. */
  readonly wallClock: () => number;
  /** An unexpected failure of the file system, for the log; the client gets 500. */
  readonly onFailure: (path: string, error: unknown) => void;
}

const notFound = { status: 404, detail: 'There is nothing here.' } as const;

export class StaticFiles {
  readonly #options: StaticFilesOptions;

  constructor(options: StaticFilesOptions) {
    this.#options = options;
  }

  handle(exchange: HttpExchange, requestPath: string): void {
    const { method } = exchange;
    if (method !== 'GET' && method !== 'HEAD') {
      replyMethodNotAllowed(exchange, 'GET, HEAD');
      return;
    }
    const safe = safePath(requestPath);
    if (safe === null) {
      replyProblem(exchange, notFound);
      return;
    }
    const path = safe === '' || safe.endsWith('/') ? safe + this.#options.indexFile : safe;
    const conditions = conditionsOf(exchange);
    const file = this.#options.files.peek(path);
    if (file !== null) this.#send(exchange, file, conditions);
    else void this.#open(exchange, requestPath, path, conditions);
  }

  async #open(exchange: HttpExchange, requestPath: string, path: string, conditions: Conditions): Promise<void> {
    let result: OpenResult | 'failed';
    try {
      result = await this.#options.files.open(path);
    } catch (error) {
      this.#options.onFailure(requestPath, error);
      result = 'failed';
    }
    try {
      this.#answer(exchange, path, result, conditions);
    } catch (error) {
      exchange.crash(error);
    }
  }

  #answer(exchange: HttpExchange, path: string, result: OpenResult | 'failed', conditions: Conditions): void {
    if (!exchange.isOpen) return;
    if (result === 'directory') {
      const { query } = conditions;
      const location = `/${path.split('/').map(encodeURIComponent).join('/')}/${query === null ? '' : `?${query}`}`;
      replyProblem(exchange, { status: 301, detail: 'A directory ends with a slash.', headers: ['Location', location] });
    } else if (result === 'notFound' || result === 'forbidden') {
      // What may not be seen is not told from what is not there.
      replyProblem(exchange, notFound);
    } else if (result === 'failed') {
      replyProblem(exchange, { status: 500, detail: 'The file could not be read.' });
    } else if (result === 'busy') {
      replyProblem(exchange, { status: 503, detail: 'Too many files are open.', headers: ['Retry-After', '1'] });
    } else {
      this.#send(exchange, result, conditions);
    }
  }

  #send(exchange: HttpExchange, file: OpenFile, conditions: Conditions): void {
    const nowSeconds = Math.floor(this.#options.wallClock() / 1000);
    const status = conditions.any ? evaluatePreconditions(conditions, file, nowSeconds) : 200;
    if (status === 304) {
      exchange.begin(304, this.#validators(file, nowSeconds));
      exchange.end();
      return;
    }
    if (status === 412) {
      replyProblem(exchange, { status: 412, detail: 'The file is not the one the request is for.' });
      return;
    }
    const range =
      exchange.method === 'GET' && ifRangeHolds(conditions.ifRange, file, nowSeconds) ? parseRange(conditions.range, file.size) : 'whole';
    if (range === 'unsatisfiable') {
      const headers: FieldList = ['Content-Range', `bytes */${file.size}`];
      replyProblem(exchange, { status: 416, detail: `The file has ${file.size} bytes.`, headers });
      return;
    }
    const start = range === 'whole' ? 0 : range.start;
    const end = range === 'whole' ? file.size : range.end;
    if (range !== 'whole') {
      const contentRange = ['Content-Range', `bytes ${start}-${end - 1}/${file.size}`];
      exchange.begin(206, [...contentRange, ...this.#fields(file, nowSeconds)], end - start);
    } else if (exchange.extraHeaders.length > 0 || file.modifiedSeconds > nowSeconds) {
      exchange.begin(200, this.#fields(file, nowSeconds), end);
    } else {
      file.wholeFields ??= new EncodedFields(this.#fields(file, nowSeconds));
      exchange.beginEncoded(200, file.wholeFields, end);
    }
    if (exchange.method === 'GET' && end > start) exchange.writeBucket(file.bucket(start, end));
    exchange.end();
  }

  /** Last-Modified is not later than Date (RFC 9110 §8.8.2.1). */
  #validators(file: OpenFile, nowSeconds: number): FieldList {
    return ['ETag', file.etag, 'Last-Modified', formatHttpDate(Math.min(file.modifiedSeconds, nowSeconds)), ...this.#options.headers];
  }

  #fields(file: OpenFile, nowSeconds: number): FieldList {
    const type = contentType(file.path);
    return ['Content-Type', type, 'Accept-Ranges', 'bytes', 'X-Content-Type-Options', 'nosniff', ...this.#validators(file, nowSeconds)];
  }
}

interface Conditions {
  readonly any: boolean;
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
  readonly ifRange: string | undefined;
  readonly range: string | undefined;
  /** Of the target, for a redirect. */
  readonly query: string | null;
}

/** Taken before anything is awaited: the head is the engine's, and the next request reuses it. */
function conditionsOf({ head }: HttpExchange): Conditions {
  const field = (name: string): string | undefined => head.get(name) ?? undefined;
  const ifMatch = field('if-match');
  const ifNoneMatch = field('if-none-match');
  const ifModifiedSince = field('if-modified-since');
  const ifUnmodifiedSince = field('if-unmodified-since');
  const any = (ifMatch ?? ifNoneMatch ?? ifModifiedSince ?? ifUnmodifiedSince) !== undefined;
  return { any, ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, ifRange: field('if-range'), range: field('range'), query: head.query };
}

function contentType(path: string): string {
  const type = lookup(path) ?? 'application/octet-stream';
  return type.startsWith('text/') || type === 'application/json' ? `${type};charset=utf-8` : type;
}
