// What an operator can do to a connection: hold it up and let it go on, limit its rate, end it in good order or at once. Each is an event that
// its chart knows already; whether it is possible now is the chart's to say.

import type { Connection, Direction } from '@sluice/connection';
import type { Problem } from '../http/problem.ts';

export const actionNames = ['quench', 'resume', 'throttle', 'drain', 'abort'] as const;
export type ActionName = (typeof actionNames)[number];

export type ConnectionActionRequest =
  | { readonly action: Exclude<ActionName, 'throttle'> }
  | { readonly action: 'throttle'; readonly direction: Direction; readonly bytesPerSecond: number };

/** Below it a rate is a way to stop a connection, and there is `quench` for that. */
const minBytesPerSecond = 1;
const maxBytesPerSecond = 1e12;

/** Reads a request's JSON; a problem where it is none. */
export function readAction(text: string): ConnectionActionRequest | Problem {
  const document = parseObject(text);
  if (document === null) return refused('The body is not a JSON object.');
  const action = actionNames.find((name) => name === document['action']);
  if (action === undefined) return refused(`action is one of ${actionNames.join(', ')}.`);
  if (action !== 'throttle') return { action };
  const { direction, bytesPerSecond } = document;
  if (direction !== 'in' && direction !== 'out') return refused('direction is in or out.');
  const isRate = typeof bytesPerSecond === 'number' && (bytesPerSecond === 0 || (bytesPerSecond >= minBytesPerSecond && bytesPerSecond <= maxBytesPerSecond));
  if (!isRate) {
    return refused(`bytesPerSecond is 0, for no limit, or a number from ${minBytesPerSecond} to ${maxBytesPerSecond}.`);
  }
  return { action, direction, bytesPerSecond };
}

/** The JSON object in a text; null where there is none. */
export function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Does it. A problem (409) where the connection is not in a state for it. */
export function perform(connection: Connection, request: ConnectionActionRequest): Problem | null {
  if (!possibleActions(connection).includes(request.action)) return impossible(connection, request.action);
  switch (request.action) {
    case 'quench':
      connection.quench();
      break;
    case 'resume':
      connection.resume();
      break;
    case 'throttle':
      connection.setThrottle(request.direction, request.bytesPerSecond);
      break;
    case 'drain':
      connection.drain();
      break;
    case 'abort':
      connection.abort('aborted');
      break;
  }
  return null;
}

export function possibleActions(connection: Connection): readonly ActionName[] {
  const { state, isQuenched } = connection;
  if (state.phase === 'closed') return [];
  if (state.phase !== 'established') return state.phase === 'handshake' ? ['throttle', 'drain', 'abort'] : ['throttle', 'abort'];
  const hold: readonly ActionName[] = isQuenched ? ['resume'] : connection.mayQuench ? ['quench'] : [];
  return [...hold, 'throttle', 'drain', 'abort'];
}

function impossible({ state, sessionId }: Connection, action: ActionName): Problem {
  return { status: 409, detail: `${action} is not possible for ${sessionId}, which is ${state.label}.` };
}

function refused(detail: string): Problem {
  return { status: 400, detail };
}
