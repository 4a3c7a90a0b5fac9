// A step of the connection's chart as messages between the three who take part: the peer, the connection, and the gateway behind it (its
// session and the hub). What caused the step comes first, then what the chart does about it.

import type { StateValue } from '../api/documents.ts';
import { activeStateIds } from '../chart/state-ids.ts';
import type { Timeline } from './timeline.ts';

export type Lane = 'peer' | 'connection' | 'gateway';

export interface Message {
  readonly from: Lane;
  /** The same as `from`: by itself, as when a deadline passes. */
  readonly to: Lane;
  readonly text: string;
  readonly kind: 'cause' | 'effect';
}

export interface SequenceRow extends Message {
  /** Where the timeline stands after the step. */
  readonly position: number;
  readonly atMs: number;
  readonly event: string | null;
}

type Told = readonly [from: Lane, to: Lane, text: string];

const causes: Readonly<Record<string, Told>> = {
  'HANDSHAKE.DONE': ['peer', 'connection', 'greeting complete'],
  'INBOUND.FULL': ['gateway', 'connection', 'holds all it may'],
  'INBOUND.SPACE': ['gateway', 'connection', 'has room again'],
  'INBOUND.THROTTLED': ['connection', 'connection', 'inbound rate used up'],
  'INBOUND.END': ['peer', 'connection', 'FIN'],
  'OUTBOUND.FULL': ['peer', 'connection', 'takes too slowly'],
  'OUTBOUND.CLEAR': ['peer', 'connection', 'has caught up'],
  'OUTBOUND.THROTTLED': ['connection', 'connection', 'outbound rate used up'],
  DRAIN: ['gateway', 'connection', 'drain'],
  FAIL: ['gateway', 'connection', 'the peer is owed an error'],
  FLUSHED: ['connection', 'peer', 'the last of the output'],
  ABORT: ['gateway', 'connection', 'abort'],
  'TRANSPORT.CLOSED': ['peer', 'connection', 'closed'],
  'TRANSPORT.FAILED': ['peer', 'connection', 'reset, or failed'],
};

/** What is done on the way into a state. */
const onEntry: Readonly<Record<string, Told>> = {
  'connection.established': ['connection', 'gateway', 'session begins'],
  'connection.established.inbound.quenched': ['connection', 'peer', 'reading stops'],
  'connection.established.inbound.ended': ['connection', 'gateway', 'the peer has ended'],
  'connection.established.outbound.choked': ['connection', 'gateway', 'write no more'],
  'connection.draining.finishing': ['connection', 'gateway', 'finish, say goodbye'],
  'connection.draining.lingering': ['connection', 'peer', 'FIN'],
  'connection.writeAndAbort.flushing': ['connection', 'peer', "the error's text"],
  'connection.writeAndAbort.lingering': ['connection', 'peer', 'FIN'],
  'connection.closed': ['connection', 'gateway', 'all is released'],
};

/** What is done on the way out, while the connection goes on. */
const onExit: Readonly<Record<string, Told>> = {
  'connection.established.inbound.quenched': ['connection', 'peer', 'reading again'],
  'connection.established.outbound.choked': ['connection', 'gateway', 'write again'],
};

/** Events after which the peer is reset. */
const resets = new Set(['ABORT', 'TIMEOUT.close']);

export function messagesOf(event: string | null, from: StateValue | null, to: StateValue | null): Message[] {
  const before = activeStateIds('connection', from);
  const after = activeStateIds('connection', to);
  const entered = from === null ? [] : after.filter((id) => !before.includes(id));
  const isEstablished = after.includes('connection.established');
  const left = isEstablished ? before.filter((id) => !after.includes(id)) : [];
  const effects = [...left.map((id) => onExit[id]), ...entered.map((id) => onEntry[id])].filter((told) => told !== undefined);
  if (event !== null && resets.has(event)) effects.unshift(['connection', 'peer', 'reset']);
  return [message(causeOf(event), 'cause'), ...effects.map((told) => message(told, 'effect'))];
}

/** All messages of a timeline, in order. */
export function sequenceOf({ start, steps }: Timeline): SequenceRow[] {
  return steps.flatMap(({ event, state, atMs }, index) => {
    const from = index === 0 ? start : (steps[index - 1]?.state ?? null);
    return messagesOf(event, from, state).map((each) => ({ ...each, position: index + 1, atMs, event }));
  });
}

function causeOf(event: string | null): Told {
  if (event === null) return ['connection', 'connection', 'steps that were not seen'];
  const timer = /^TIMEOUT\.(?<name>.+)$/.exec(event)?.groups?.['name'];
  if (timer !== undefined) return ['connection', 'connection', `deadline ${timer} passed`];
  return causes[event] ?? ['connection', 'connection', event];
}

function message([from, to, text]: Told, kind: Message['kind']): Message {
  return { from, to, text, kind };
}
