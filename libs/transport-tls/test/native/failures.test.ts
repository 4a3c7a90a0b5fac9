import { describe, expect, it } from 'vitest';
import { refusalOf, takeFailure } from '../../src/native/failures.ts';
import { nativeTls } from '../../src/native/form.ts';
import { native } from './loopback.ts';

describe('refusalOf', () => {
  it.each([
    [0n, null],
    [10n, 'CERT_HAS_EXPIRED'],
    [18n, 'DEPTH_ZERO_SELF_SIGNED_CERT'],
    [19n, 'SELF_SIGNED_CERT_IN_CHAIN'],
    [20n, 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
    [21n, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    [28n, 'CERT_REJECTED'],
    [1n, 'UNSPECIFIED'],
    [999n, 'UNSPECIFIED'],
  ])('%s is %s', (verdict, name) => {
    expect(refusalOf(verdict)).toBe(name);
  });
});

describe.runIf(nativeTls().openssl !== null)('takeFailure', () => {
  it('names the oldest error as node:tls would, and empties the queue', () => {
    const context = native.ssl.SSL_CTX_new(native.ssl.TLS_server_method());
    for (let times = 0; times < 2; times++) expect(native.ssl.SSL_CTX_set_cipher_list(context, 'NO-SUCH-CIPHER')).toBe(0);
    native.ssl.SSL_CTX_free(context);
    const failure = takeFailure(native);
    expect(failure.code).toBe('ERR_SSL_NO_CIPHER_MATCH');
    expect(failure.message).toMatch(/^error:[0-9A-F]+:SSL routines::no cipher match$/);
    expect(native.ssl.ERR_peek_error()).toBe(0n);
    expect(takeFailure(native)).toEqual({ code: 'UNKNOWN', message: 'no reason given' });
  });
});
