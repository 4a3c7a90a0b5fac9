// What the hub refuses because of the request, as the problem document its client gets.

import type { HttpExchange } from '@sluice/connection';
import { HubError } from '@sluice/hub';
import { replyProblem } from '../http/reply.ts';

/** Anything that is not the client's fault goes on. */
export function replyRefusal(exchange: HttpExchange, error: unknown): void {
  if (!(error instanceof HubError) || error.fault !== 'peer') throw error;
  const { status, code, detail } = error;
  replyProblem(exchange, { status, detail: `${detail[0]!.toUpperCase()}${detail.slice(1)}.`, more: { code } });
}
