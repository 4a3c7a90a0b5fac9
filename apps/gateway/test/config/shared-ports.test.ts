import { describe, expect, it } from 'vitest';
import { isConflict, listenAddress } from '../../src/config/shared-ports.ts';
import { loaded } from './loading.ts';

const configOf = (settings: Record<string, unknown>) => loaded({ file: { insecure: true, ...settings } }).config;

describe('listenAddress', () => {
  it.each(['[::]:80', '[0:0::0]:80'])('restricts %s to IPv6 beside 0.0.0.0 with the same port, in any setting', (any) => {
    for (const others of [{ http: ['0.0.0.0:80', any] }, { http: [any, '0.0.0.0:80'] }, { http: [any], admin: '0.0.0.0:80' }, { http: [any], command: ['0.0.0.0:80'] }]) {
      expect(listenAddress(configOf(others), any)).toMatchObject({ port: 80, ipv6Only: true });
      expect(listenAddress(configOf(others), '0.0.0.0:80')).toEqual({ host: '0.0.0.0', port: 80 });
    }
  });

  it('leaves everything else as it is: [::] alone takes IPv4 too', () => {
    const config = configOf({ http: ['[::]:80', '[::]:81', '0.0.0.0:82', '[::]:0', '0.0.0.0:0', '127.0.0.1:81', 'fd:3'], admin: 'off' });
    expect(config.http.map((address) => listenAddress(config, address).ipv6Only)).toEqual(Array(7).fill(undefined));
  });
});

describe('isConflict', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', '0.0.0.0:80', true],
    ['127.0.0.1:80', '[::]:80', true],
    ['[::1]:80', '[::]:80', true],
    ['[::1]:80', '0.0.0.0:80', false],
    ['127.0.0.1:80', '0.0.0.0:81', false],
    ['127.0.0.1:80', '127.0.0.2:80', false],
    ['0.0.0.0:0', '0.0.0.0:0', false],
  ])('%s and %s: %s', (one, other, is) => {
    expect([isConflict(one, other), isConflict(other, one)]).toEqual([is, is]);
  });
});
