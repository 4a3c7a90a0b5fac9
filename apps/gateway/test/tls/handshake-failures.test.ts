import type { CloseReason, Connection } from '@sluice/connection';
import { TransportError } from '@sluice/transport';
import { expect, it } from 'vitest';
import { handshakeFailureReasons, HandshakeFailures, type HandshakeFailureReason } from '../../src/tls/handshake-failures.ts';

function ended(secureSession: object | null | undefined, reason: CloseReason, failure: TransportError | null): Connection {
  return { endpoint: { secureSession }, reason, failure } as unknown as Connection;
}

it.each<[TransportError | null, CloseReason, HandshakeFailureReason]>([
  [new TransportError('handshake', 'protocolError', 'ERR_SSL_X'), 'transportError', 'protocolError'],
  [new TransportError('handshake', 'untrusted', 'CERT_HAS_EXPIRED'), 'transportError', 'untrusted'],
  [new TransportError('handshake', 'truncated'), 'transportError', 'truncated'],
  [new TransportError('read', 'connectionReset', 'ECONNRESET'), 'transportError', 'other'],
  [null, 'handshakeTimeout', 'handshakeTimeout'],
  [null, 'aborted', 'other'],
])('%s, closed for %s, counts as %s', (failure, reason, counted) => {
  const failures = new HandshakeFailures();
  expect(failures.closed(ended(null, reason, failure))).toBe(counted);
  expect(handshakeFailureReasons.map((one) => failures.count(one))).toEqual(handshakeFailureReasons.map((one) => (one === counted ? 1 : 0)));
});

it.each([
  ['in the clear', undefined],
  ['whose handshake was complete', {}],
])('a connection %s is none', (_, session) => {
  const failures = new HandshakeFailures();
  expect(failures.closed(ended(session, 'transportError', new TransportError('read', 'truncated')))).toBeNull();
  expect(handshakeFailureReasons.every((reason) => failures.count(reason) === 0)).toBe(true);
});
