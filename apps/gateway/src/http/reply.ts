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

/** 405 with the methods that are allowed (RFC 9110 section 15.5.6), or what OPTIONS asks for. `advice` says what to do instead. */
export function replyMethodNotAllowed(exchange: HttpExchange, allow: string, advice = `use ${allow}`): void {
  if (exchange.method === 'OPTIONS') {
    replyOptions(exchange, allow);
    return;
  }
  const detail = `Method ${exchange.method} is not allowed; ${advice}.`;
  replyProblem(exchange, { status: 405, detail, headers: ['Allow', `${allow}, OPTIONS`] });
}

/** The methods that are allowed besides OPTIONS itself (RFC 9110 section 9.3.7). */
export function replyOptions(exchange: HttpExchange, allow: string): void {
  exchange.begin(204, ['Allow', `${allow}, OPTIONS`]);
  exchange.end();
}

/** For a method that is none of those known (RFC 9110 section 9.1). */
export function replyMethodUnknown(exchange: HttpExchange): void {
  replyProblem(exchange, { status: 501, detail: `This server does not know the method ${exchange.method}.` });
}
