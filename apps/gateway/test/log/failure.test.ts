import { TransportError } from '@sluice/transport';
import { expect, it } from 'vitest';
import { failureText } from '../../src/log/failure.ts';

it.each([
  [new TransportError('read', 'connectionReset', 'ECONNRESET'), 'read failed: connectionReset (ECONNRESET)'],
  [new TransportError('handshake', 'truncated'), 'handshake failed: truncated'],
  [new TransportError('handshake', 'protocolError', 'ERR_SSL_X', '40376F284C7F0000:error:…'), 'handshake failed: protocolError (ERR_SSL_X)'],
])('%s is "%s"', (error, text) => expect(failureText(error)).toBe(text));
