import { ConnectFailure } from '@sluice/connection';
import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { failureText } from '../../src/client/failure-text.ts';

const address = { host: '10.0.0.1', port: 443 };

describe('the text of a failure', () => {
  it.each(['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'DEPTH_ZERO_SELF_SIGNED_CERT'])('names --ca where a certificate is not trusted: %s', (code) => {
    const cause = new TransportError('handshake', 'untrusted', code, 'if the root CA is installed locally, try running Node.js with --use-system-ca');
    const text = failureText(new ConnectFailure({ stage: 'handshaking', address, cause }));
    expect(text).toBe(`10.0.0.1 port 443: the server's certificate is not trusted (${code}): give the certificate of its CA with --ca FILE`);
  });

  it('names --cert and --key where the handshake ends for want of a certificate', () => {
    const cause = new TransportError('read', 'protocolError', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'alert number 116');
    expect(failureText(new ConnectFailure({ stage: 'handshaking', address, cause }))).toBe(
      '10.0.0.1 port 443: the server asks for a certificate of this client: give it with --cert FILE and its key with --key FILE',
    );
  });

  it('ends where the text of OpenSSL does, without its line break', () => {
    const cause = new TransportError('handshake', 'protocolError', 'ERR_SSL_WRONG_VERSION_NUMBER', 'wrong version number\n');
    expect(failureText(new ConnectFailure({ stage: 'handshaking', address, cause }))).toMatch(/wrong version number$/);
  });

  it('leaves other verdicts as they are', () => {
    const cause = new TransportError('handshake', 'untrusted', 'CERT_HAS_EXPIRED', 'certificate has expired');
    expect(failureText(new ConnectFailure({ stage: 'handshaking', address, cause }))).toMatch(/certificate has expired$/);
  });

  it('names --token and SLUICE_TOKEN where one is asked for', () => {
    const refusal = { text: 'the server answered 401 Unauthorized: Topics need a token.', status: 401, permanent: true };
    const text = failureText(new ConnectFailure({ stage: 'handshaking', address, refusal }));
    expect(text).toBe('10.0.0.1 port 443: the server answered 401 Unauthorized: Topics need a token. Give a token with --token TOKEN or SLUICE_TOKEN in the environment.');
  });
});
