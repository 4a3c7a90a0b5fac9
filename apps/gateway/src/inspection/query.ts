// Query parameters of lists, read with their bounds: what is wrong is said as a problem.

import type { Problem } from '../http/problem.ts';

export class QueryError extends Error {
  override readonly name = 'QueryError';

  get problem(): Problem {
    return { status: 400, detail: this.message };
  }
}

/** A whole number within bounds; throws a {@link QueryError}. */
export function wholeNumberOf(query: URLSearchParams, name: string, otherwise: number, min: number, max: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new QueryError(`${name} is a whole number from ${min} to ${max}.`);
  return value;
}

/** One of a few words; throws a {@link QueryError}. */
export function wordOf<const Word extends string>(query: URLSearchParams, name: string, words: readonly [Word, ...Word[]]): Word {
  const text = query.get(name) ?? words[0];
  const word = words.find((each) => each === text);
  if (word === undefined) throw new QueryError(`${name} is one of ${words.join(', ')}.`);
  return word;
}

export interface Page {
  readonly offset: number;
  readonly limit: number;
}

export const maxPageRows = 1000;

export function pageOf(query: URLSearchParams): Page {
  return { offset: wholeNumberOf(query, 'offset', 0, 0, 10_000_000), limit: wholeNumberOf(query, 'limit', 100, 1, maxPageRows) };
}
