import { TransportError, type TransportErrorKind, type TransportOperation } from '@sluice/transport';
import { expect, it } from 'vitest';
import { closeReasons, reasonOfFailure } from '../src/index.ts';

it('is one closed list: each reason once', () => {
  expect(new Set(closeReasons).size).toBe(closeReasons.length);
});

it.each([
  ['read', 'truncated', 'truncated'],
  ['handshake', 'truncated', 'tlsFailed'],
  ['handshake', 'untrusted', 'tlsFailed'],
  ['handshake', 'protocolError', 'tlsFailed'],
  ['handshake', 'other', 'tlsFailed'],
  ['read', 'protocolError', 'tlsFailed'],
  ['read', 'connectionReset', 'transportError'],
  ['write', 'sourceFailed', 'transportError'],
] satisfies [TransportOperation, TransportErrorKind, string][])('a transport that fails at %s with %s is %s', (operation, kind, reason) => {
  expect(reasonOfFailure(new TransportError(operation, kind))).toBe(reason);
});
