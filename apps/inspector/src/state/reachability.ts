// Whether the gateway answers, and whether it knows us: told by every request and stream, shown by the frame around all views.

import { Store } from './store.ts';

export interface Reachability {
  /** `signedOut`: it answers 401. */
  readonly state: 'unknown' | 'reached' | 'lost' | 'signedOut';
  /** Since when it has not answered, in ms since 1970. */
  readonly lostSinceMs: number | null;
}

export const reachability = new Store<Reachability>({ state: 'unknown', lostSinceMs: null });

export function noteReached(): void {
  if (reachability.get().state !== 'reached') reachability.set({ state: 'reached', lostSinceMs: null });
}

export function noteLost(nowMs: number): void {
  const { state } = reachability.get();
  if (state !== 'lost' && state !== 'signedOut') reachability.set({ state: 'lost', lostSinceMs: nowMs });
}

export function noteSignedOut(): void {
  if (reachability.get().state !== 'signedOut') reachability.set({ state: 'signedOut', lostSinceMs: null });
}
