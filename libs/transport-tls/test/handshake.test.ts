import { describe, expect, it } from 'vitest';
import { contextSettings } from '../src/handshake.ts';

describe('contextSettings', () => {
  it('allows TLS 1.2 and 1.3 by default, and leaves the rest to Node', () => {
    expect(contextSettings({}, undefined)).toEqual({ minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3' });
  });

  it('takes PEM as text or bytes, one or several', () => {
    const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));
    expect(contextSettings({ ca: ['one', bytes('two')], ciphers: 'HIGH' }, { certificate: bytes('cert'), key: 'key', passphrase: 'open' })).toEqual({
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      ciphers: 'HIGH',
      ca: ['one', 'two'],
      cert: 'cert',
      key: 'key',
      passphrase: 'open',
    });
    expect(contextSettings({ ca: bytes('one') }, undefined)).toMatchObject({ ca: 'one' });
  });
});
