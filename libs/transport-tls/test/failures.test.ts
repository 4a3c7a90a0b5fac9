import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { handshakeFailure, recordFailure, sourceFailure } from '../src/failures.ts';

function coded(code: string, message = 'what happened'): Error {
  return Object.assign(new Error(message), { code });
}

describe('failures', () => {
  it('of a handshake: refused, cut short, or against the protocol', () => {
    expect(handshakeFailure(coded('CERT_HAS_EXPIRED'), 'CERT_HAS_EXPIRED')).toMatchObject({ operation: 'handshake', kind: 'untrusted', code: 'CERT_HAS_EXPIRED' });
    expect(handshakeFailure(coded('ECONNRESET'), null)).toMatchObject({ operation: 'handshake', kind: 'truncated', code: 'truncated' });
    const against = handshakeFailure(coded('ERR_SSL_NO_SHARED_CIPHER'), null);
    expect(against).toMatchObject({ operation: 'handshake', kind: 'protocolError', code: 'ERR_SSL_NO_SHARED_CIPHER' });
    expect(against.message).toBe('handshake failed: protocolError (ERR_SSL_NO_SHARED_CIPHER): what happened');
  });

  it('of a secure connection keep what is named already', () => {
    const named = new TransportError('read', 'connectionReset');
    expect(recordFailure(named)).toBe(named);
    expect(recordFailure(coded('ERR_SSL_BAD_RECORD_MAC'))).toMatchObject({ operation: 'read', kind: 'protocolError', code: 'ERR_SSL_BAD_RECORD_MAC' });
    expect(recordFailure('thrown text')).toMatchObject({ code: 'UNKNOWN', message: 'read failed: protocolError (UNKNOWN): thrown text' });
    expect(recordFailure(new Error('no code')).code).toBe('UNKNOWN');
  });

  it('of a source are of writing', () => {
    expect(sourceFailure(new Error('gone'))).toMatchObject({ operation: 'write', kind: 'sourceFailed', message: 'write failed: sourceFailed: gone' });
    expect(sourceFailure('short').message).toBe('write failed: sourceFailed: short');
  });
});
