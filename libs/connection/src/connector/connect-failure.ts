// Why an outbound connection is not there, or is no longer: where it stood, at which address, and what was said.

import { TransportError, type PeerAddress } from '@sluice/transport';
import type { CloseReason } from '../reasons.ts';
import type { Refusal } from './outbound-session.ts';

/** What was under way. */
export type ConnectStage = 'resolving' | 'connecting' | 'handshaking' | 'connected';

export interface ConnectFailureFacts {
  readonly stage: ConnectStage;
  /** The target while its name is looked up, else the address tried. */
  readonly address: PeerAddress;
  /** A `TransportError` where the transport or the resolver failed. */
  readonly cause?: unknown;
  /** Why the connection closed, where there was one. */
  readonly reason?: CloseReason | null;
  readonly refusal?: Refusal | null;
}

export class ConnectFailure extends Error {
  override readonly name = 'ConnectFailure';
  readonly stage: ConnectStage;
  readonly address: PeerAddress;
  readonly reason: CloseReason | null;
  readonly refusal: Refusal | null;

  constructor(facts: ConnectFailureFacts) {
    super(`${facts.address.host} port ${facts.address.port}: ${whatHappened(facts)}`, { cause: facts.cause });
    this.stage = facts.stage;
    this.address = facts.address;
    this.reason = facts.reason ?? null;
    this.refusal = facts.refusal ?? null;
  }
}

function whatHappened({ stage, cause, reason, refusal }: ConnectFailureFacts): string {
  if (refusal !== undefined && refusal !== null) return refusal.text;
  if (cause instanceof TransportError && cause.kind === 'timedOut') return `no answer in time while ${stage}`;
  if (cause instanceof Error) return cause.message;
  const closed = reason === 'peerClosed' || reason === 'truncated' ? 'closed by the server' : `closed (${reason ?? 'aborted'})`;
  return stage === 'connected' ? `the connection was ${closed}` : `${closed} while ${stage}`;
}
