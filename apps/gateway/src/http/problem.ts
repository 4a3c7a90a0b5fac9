// Errors to HTTP clients are problem documents (RFC 9457): a title for people, a status, and a detail that says what to change.

import { statusText, type FieldList } from '@sluice/http1';

export interface Problem {
  readonly status: number;
  /** What is wrong with this very request, in a sentence. */
  readonly detail: string;
  /** Further header fields of the reply: `Allow`, `WWW-Authenticate`, `Retry-After`. */
  readonly headers?: FieldList;
  /** Members of the document beside the standard ones. */
  readonly more?: Readonly<Record<string, string | number | boolean>>;
}

export const problemType = 'application/problem+json';

/** The document as text, with a line end so that it reads well in a terminal. */
export function problemDocument(problem: Problem): string {
  const { status, detail, more } = problem;
  return `${JSON.stringify({ type: 'about:blank', title: statusText[status] ?? 'Error', status, detail, ...more })}\n`;
}
