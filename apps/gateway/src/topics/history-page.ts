// History as JSON, page by page: what `GET /topics/{topic}` and HISTORY answer.

import { type Hub, type HistoryQuery, type Publication } from '@sluice/hub';
import { describe } from './encodings.ts';
import { gapDocument } from './gap-document.ts';

export const defaultHistoryPage = 100;
export const defaultPresencePage = 1000;
/** The most that one may ask for, publications or members. */
export const maxPage = 10_000;
export const defaultTopicPage = 100;
/** The most topics that one may ask for. */
export const maxTopicPage = 1000;

/** A document of at most `maxBytes` of payloads; one publication may be larger. Throws what the hub says of topic and position. */
export function historyDocument(hub: Hub, topic: string, query: HistoryQuery, maxBytes: number): object {
  const { publications, gap, ...state } = hub.history(topic, query);
  const page = query.since === undefined ? newestWithin(publications, maxBytes) : oldestWithin(publications, maxBytes);
  return { topic, ...state, gap: gap === null ? null : gapDocument(gap), publications: page.map(describe) };
}

/** A number of rows as it was asked for: null when it is none from 1 to `max`. */
export function pageSize(text: string | null, fallback: number, max: number = maxPage): number | null {
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : null;
}

/** As many as fit, from the first on, and at least one. */
function oldestWithin(publications: readonly Publication[], maxBytes: number): readonly Publication[] {
  let end = 0;
  for (let bytes = 0; end < publications.length; end++) {
    bytes += publications[end]!.payload.length;
    if (bytes > maxBytes && end > 0) break;
  }
  return publications.slice(0, end);
}

/** As many as fit, up to the last, and at least one. */
function newestWithin(publications: readonly Publication[], maxBytes: number): readonly Publication[] {
  let start = publications.length;
  for (let bytes = 0; start > 0; start--) {
    bytes += publications[start - 1]!.payload.length;
    if (bytes > maxBytes && start < publications.length) break;
  }
  return publications.slice(start);
}
