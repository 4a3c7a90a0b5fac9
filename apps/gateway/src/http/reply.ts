// The common replies: JSON, text, nothing, and problems.

import type { HttpExchange } from '@sluice/connection';
import type { FieldList } from '@sluice/http1';
import { problemDocument, problemType, type Problem } from './problem.ts';

const none: FieldList = [];

export function replyText(exchange: HttpExchange, status: number, type: string, text: string, headers: FieldList = none): void {
  exchange.reply(status, ['Content-Type', type, ...headers], Buffer.from(text));
}

/** One JSON document and a line end. */
export function replyJson(exchange: HttpExchange, value: unknown, headers: FieldList = none): void {
  replyText(exchange, 200, 'application/json', `${JSON.stringify(value)}\n`, headers);
}

/** Answers a request with a problem in another form than an error reply; false leaves it to that. */
export type Refuse = (problem: Problem) => boolean;

const refusing = new WeakMap<HttpExchange, Refuse>();

/** Problems of that exchange go to `refuse` first. */
export function refuseBy(exchange: HttpExchange, refuse: Refuse): void {
  refusing.set(exchange, refuse);
}

export function replyProblem(exchange: HttpExchange, problem: Problem): void {
  if (refusing.get(exchange)?.(problem) === true) return;
  replyText(exchange, problem.status, problemType, problemDocument(problem), problem.headers);
}

export function replyMethodNotAllowed(exchange: HttpExchange, allow: string): void {
  replyProblem(exchange, {
    status: 405,
    detail: `${exchange.method} is not possible here; ${allow} are.`,
    headers: ['Allow', allow],
  });
}
