// What a generation of contexts decides, and how long OpenSSL holds it. What can be seen over a connection stands in contexts.test.ts.

import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { nativeTls } from '../../src/native/form.ts';
import { liveContexts } from '../../src/native/server-contexts.ts';
import { SessionCache } from '../../src/session-cache.ts';
import { Certificates } from '../certificates.ts';
import { native, serverContexts } from './loopback.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());
const one = certificates.make({ subject: '/CN=one', names: 'DNS:one' });
const two = certificates.make({ subject: '/CN=two', names: 'DNS:two' });

describe.runIf(nativeTls().openssl !== null)('NativeServerContexts', () => {
  afterEach(() => expect(liveContexts()).toBe(0));

  it('are freed when they are retired and no channel is left', () => {
    const contexts = serverContexts({ certificates: [one, two] });
    const first = contexts.open().channel;
    const second = contexts.open().channel;
    expect(liveContexts()).toBe(2);
    first.free();
    contexts.retire();
    expect(liveContexts()).toBe(2);
    second.free();
    expect(liveContexts()).toBe(0);
    contexts.retire();
  });

  it.each([
    ['a key of another certificate', { certificates: [one, { certificate: two.certificate, key: one.key }] }, /does not take the key.*mismatch/i],
    ['no certificate at all', { certificates: [{ certificate: 'nothing', key: one.key }] }, /.+/],
    ['ciphers that nobody knows', { certificates: [one], ciphers: 'NO-SUCH-CIPHER' }, /does not take the ciphers/],
    ['suites that nobody knows', { certificates: [one], ciphers: 'TLS_NO_SUCH_SUITE' }, /does not take the cipher suites/],
  ])('do not come about with %s, and nothing stays behind', (_what, options, message) => {
    expect(() => serverContexts(options)).toThrow(message);
    expect(native.ssl.ERR_peek_error()).toBe(0n);
  });

  it('take keys under a passphrase', () => {
    const encrypted = certificates.encrypt(one, 'a secret');
    serverContexts({ certificates: [{ ...encrypted, passphrase: 'a secret' }] }).retire();
    expect(() => serverContexts({ certificates: [{ ...encrypted, passphrase: 'another' }] })).toThrow(/decrypt/i);
  });

  it('choose the protocol that comes first in their own list', () => {
    const contexts = serverContexts({ certificates: [one], alpn: ['b', 'a', 'long name'] });
    const offer = (...names: string[]): Uint8Array => Buffer.from(names.map((name) => String.fromCharCode(name.length) + name).join(''), 'latin1');
    expect(contexts.chooseProtocol(offer('x', 'a', 'b'))).toBe(4);
    expect(contexts.chooseProtocol(offer('long name'))).toBe(0);
    expect(contexts.chooseProtocol(offer('x', 'ab', ''))).toBe(-1);
    expect(contexts.chooseProtocol(Buffer.from('\x20b', 'latin1'))).toBe(-1);
    expect(contexts.chooseProtocol(new Uint8Array(0))).toBe(-1);
    contexts.retire();
  });

  it('find no session that is not kept, or that is not one', () => {
    const sessions = new SessionCache(2);
    const contexts = serverContexts({ certificates: [one], sessionIds: 2 }, sessions);
    expect(contexts.findSession(Buffer.from('id'))).toBe(0n);
    sessions.put(Buffer.from('id').toString('hex'), Buffer.from('no session'));
    expect(contexts.findSession(Buffer.from('id'))).toBe(0n);
    native.reset();
    contexts.retire();
  });
});
