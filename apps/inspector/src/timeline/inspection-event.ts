// XState inspection events, in the form of `@statelyai/inspect`, as what a timeline is made of. Of a connection's step two come: the
// event, which says nothing of the state, and the snapshot, which says both.

import type { StateValue } from '../api/documents.ts';

export type Seen =
  /** It was there, in this state, when one began to watch, or again after a loss. */
  | { readonly kind: 'introduced'; readonly state: StateValue | null; readonly epochMs: number }
  | { readonly kind: 'step'; readonly event: string; readonly state: StateValue | null; readonly epochMs: number }
  | { readonly kind: 'lost'; readonly count: number };

interface InspectionEvent {
  readonly type?: unknown;
  readonly sessionId?: unknown;
  readonly createdAt?: unknown;
  readonly event?: { readonly type?: unknown; readonly count?: unknown };
  readonly snapshot?: { readonly value?: StateValue };
}

/** `null` for what says nothing about the actor. */
export function readInspectionEvent(data: unknown, sessionId: string): Seen | null {
  const { type, sessionId: actor, createdAt, event, snapshot } = data as InspectionEvent;
  if (event?.type === 'EVENTS.LOST') return { kind: 'lost', count: Number(event.count ?? 0) };
  if (actor !== sessionId) return null;
  const epochMs = Number(createdAt);
  const state = snapshot?.value ?? null;
  if (type === '@xstate.actor') return { kind: 'introduced', state, epochMs };
  if (type === '@xstate.snapshot' && typeof event?.type === 'string') return { kind: 'step', event: event.type, state, epochMs };
  return null;
}
