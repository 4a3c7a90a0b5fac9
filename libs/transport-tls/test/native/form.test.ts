import { execFileSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { liveChannels } from '../../src/native/channel.ts';
import { nativeTls, tlsForm, tryNative } from '../../src/native/form.ts';
import { openOpenSsl } from '../../src/native/openssl.ts';
import { Certificates } from '../certificates.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const identity = certificates.root;

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

  it.runIf(nativeTls().openssl !== null).each([
    ['without node:ffi', ['--no-experimental-ffi'], 'sockets (this Node has no node:ffi)'],
    ['without permission', ['--permission', '--allow-fs-read=*'], 'sockets (Access to this API has been restricted'],
    ['with nothing in the way', [], 'native'],
  ])('in a process %s', (_how, flags, form) => {
    const script = `const { tlsForm, TlsContexts } = await import(${JSON.stringify(new URL('../../src/index.ts', import.meta.url).href)});
      const options = { certificates: [${JSON.stringify(identity)}] };
      const made = new TlsContexts(options);
      console.log(tlsForm());
      console.log(made.form + " " + made.formReason);
      try { console.log(new TlsContexts({ ...options, form: 'native' }).form); } catch (error) { console.log(error.message); }`;
    const run = ['--conditions=@sluice/source', ...flags, '--input-type=module', '-e', script];
    const [told, made, insisted] = execFileSync(process.execPath, run, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).split('\n');
    const reason = /^sockets \((?<reason>.*)\)$/.exec(told)?.groups?.['reason'] ?? null;
    expect(told).toContain(form);
    expect(made).toBe(reason === null ? 'native null' : `sockets ${reason}`);
    expect(insisted).toBe(reason === null ? 'native' : `TLS cannot take its native form: ${reason}`);
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
