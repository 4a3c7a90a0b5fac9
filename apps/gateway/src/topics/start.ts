// Where a subscription begins: now, behind a position the client names, or with the last publications there are.

import type { Hub, Position, SubscribeOptions } from '@sluice/hub';

/** As a client asks for it. A position comes before a number: a client that comes back names the position it has reached. */
export interface Start {
  readonly since: Position | undefined;
  /** How many retained publications come first; 0 for none. */
  readonly history: number;
}

export interface LocatedStart {
  /** Where the subscription begins: a client that loses its connection before the first message resumes from here. */
  readonly position: Position;
  readonly isResumed: boolean;
  /** For `member.subscribe`, before any other call of the hub. */
  readonly options: SubscribeOptions;
}

/** Throws what is wrong with the pattern. */
export function locateStart(hub: Hub, pattern: string, { since, history }: Start): LocatedStart {
  if (since !== undefined) return { position: since, isResumed: true, options: { since, afterGap: 'oldest' } };
  if (history === 0) return { position: hub.position, isResumed: false, options: {} };
  const position = hub.positionBeforeLatest(pattern, history);
  return { position, isResumed: false, options: { since: position, afterGap: 'ignore' } };
}
