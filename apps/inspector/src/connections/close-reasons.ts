// Why connections close, in a sentence each, and whether that is a matter of course.

import type { CloseReason } from '../api/documents.ts';
import type { Tone } from './state-label.ts';

interface Explanation {
  readonly text: string;
  readonly tone: Tone;
}

const explanations: Readonly<Record<CloseReason, Explanation>> = {
  peerClosed: { text: "The peer ended it, in its protocol's own way.", tone: 'good' },
  served: { text: 'All that was asked for was answered.', tone: 'good' },
  drained: { text: 'The gateway ended it in good order: a shutdown, or an operator.', tone: 'plain' },
  idleTimeout: { text: 'Nothing arrived for too long.', tone: 'wait' },
  sustainTimeout: { text: 'It reached the age at which every connection ends.', tone: 'plain' },
  handshakeTimeout: { text: 'A handshake or a request did not become complete in time.', tone: 'wait' },
  protocolError: { text: 'The peer broke its protocol.', tone: 'bad' },
  limitExceeded: { text: 'The peer went over a limit.', tone: 'bad' },
  slowConsumer: { text: 'The peer did not take its messages fast enough.', tone: 'wait' },
  refused: { text: 'What the peer asked for is not allowed.', tone: 'bad' },
  overload: { text: 'The listener held as many connections as it may.', tone: 'bad' },
  rateLimited: { text: 'Too many connections or messages from one address.', tone: 'wait' },
  truncated: { text: "It ended in the middle of a message, or without TLS's goodbye.", tone: 'bad' },
  tlsFailed: { text: 'TLS failed: the handshake, a certificate, or what came later.', tone: 'bad' },
  transportError: { text: 'The connection was reset, or the network failed.', tone: 'bad' },
  internalError: { text: 'An exception in the gateway.', tone: 'bad' },
  aborted: { text: 'Stopped at once, by an operator or because its listener ended.', tone: 'plain' },
};

/** A reason of a newer gateway is shown by its name alone. */
export function explainReason(reason: string): Explanation {
  return Object.hasOwn(explanations, reason) ? explanations[reason as CloseReason] : { text: reason, tone: 'plain' };
}
