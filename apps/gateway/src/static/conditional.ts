// Conditional requests (RFC 9110 §13): which of 200, 304 and 412 a request with validators comes to, and whether If-Range holds.

import { parseHttpDate } from '../http/http-date.ts';

/** The validators of what is being served. */
export interface Validators {
  /** With its quotes: `"…"` or `W/"…"`. */
  readonly etag: string;
  /** Whole seconds since 1970, rounded up: by a later change within the second it is not earlier than a date that was sent before. */
  readonly modifiedSeconds: number;
}

export interface ConditionalHeaders {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
}

/** Evaluates the preconditions in the order of RFC 9110 §13.2.2, for GET and HEAD. A date that is none is ignored. `nowSeconds` since 1970. */
export function evaluatePreconditions(request: ConditionalHeaders, current: Validators, nowSeconds: number): 200 | 304 | 412 {
  if (request.ifMatch !== undefined) {
    if (!matchesAny(request.ifMatch, current.etag, false)) return 412;
  } else if (request.ifUnmodifiedSince !== undefined) {
    const since = parseHttpDate(request.ifUnmodifiedSince, nowSeconds);
    if (since !== null && current.modifiedSeconds > since) return 412;
  }
  if (request.ifNoneMatch !== undefined) return matchesAny(request.ifNoneMatch, current.etag, true) ? 304 : 200;
  if (request.ifModifiedSince !== undefined) {
    const since = parseHttpDate(request.ifModifiedSince, nowSeconds);
    if (since !== null && current.modifiedSeconds <= since) return 304;
  }
  return 200;
}

/**
 * Whether a Range applies (RFC 9110 §13.1.5): a strong entity tag, or the exact date where it is a strong validator. It is one once its second is
 * over (§8.8.2.2): until then the file may change again and keep it.
 */
export function ifRangeHolds(ifRange: string | undefined, current: Validators, nowSeconds: number): boolean {
  if (ifRange === undefined) return true;
  if (ifRange.startsWith('"')) return ifRange === current.etag;
  if (ifRange.startsWith('W/')) return false;
  return current.modifiedSeconds < nowSeconds && parseHttpDate(ifRange, nowSeconds) === current.modifiedSeconds;
}

const entityTag = /^[ \t,]*((?:W\/)?"[\x21\x23-\x7e\x80-\xff]*")/;

/** `If-Match` compares strongly, `If-None-Match` weakly (RFC 9110 §8.8.3.2). `*` matches whatever exists. */
function matchesAny(list: string, etag: string, weak: boolean): boolean {
  if (list.trim() === '*') return true;
  const wanted = weak ? opaque(etag) : etag;
  let rest = list;
  for (let match = entityTag.exec(rest); match !== null; match = entityTag.exec(rest)) {
    const tag = match[1]!;
    if (weak ? opaque(tag) === wanted : tag === wanted && !tag.startsWith('W/')) return true;
    rest = rest.slice(match[0].length);
  }
  return false;
}

function opaque(etag: string): string {
  return etag.startsWith('W/') ? etag.slice(2) : etag;
}
