import { describe, expect, it } from 'vitest';
import { liveChannels } from '../../src/native/channel.ts';
import { nativeTls, tlsForm, tryNative } from '../../src/native/form.ts';
import { openOpenSsl } from '../../src/native/openssl.ts';

describe('the form of TLS', () => {
  it('is asked once, and told to an operator', () => {
    expect(nativeTls()).toBe(nativeTls());
    expect(tlsForm()).toMatch(/^(native|sockets \(.+\))$/);
  });

  it('is sockets when OpenSSL cannot be had, with the reason', () => {
    const refused = tryNative(() => {
      throw new Error('Access to this API has been restricted');
    });
    expect(refused).toEqual({ openssl: null, reason: 'Access to this API has been restricted' });
  });

  it.runIf(nativeTls().openssl !== null)('is sockets when a connection with itself does not work, and nothing stays behind', () => {
    const faults: readonly [string, object][] = [
      ['callbacks do not arrive', { SSL_CTX_set_alpn_select_cb: () => {} }],
      ['nothing can be encrypted', { SSL_write: () => -1 }],
      ['what was encrypted is not what comes out', { SSL_read: () => 3 }],
      ['a handshake with itself failed', { SSL_do_handshake: () => -1, SSL_get_error: () => 1 }],
      ['a handshake with itself does not end', { SSL_do_handshake: () => -1, SSL_get_error: () => 2 }],
    ];
    for (const [reason, broken] of faults) {
      const { openssl, reason: told } = tryNative(() => {
        const opened = openOpenSsl();
        return Object.assign(opened, { ssl: { ...opened.ssl, ...broken }, narrow: { ...opened.narrow, ...broken } });
      });
      expect(openssl).toBe(null);
      expect(told).toContain(reason);
    }
    expect(liveChannels()).toBe(0);
  });
});
