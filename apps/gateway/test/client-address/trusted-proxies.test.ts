import type { HttpExchange } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { requestClientOf } from '../../src/client-address/request-client.ts';
import { TrustedProxies } from '../../src/client-address/trusted-proxies.ts';

function exchange(peer: string, fields: Readonly<Record<string, string>>): HttpExchange {
  const head = { get: (name: string) => fields[name] ?? null, has: (name: string) => name in fields };
  return { userData: null, head, session: { connection: { endpoint: { peer: { host: peer, port: 1 } } } } } as unknown as HttpExchange;
}

const networks = ['10.0.0.0/8', '127.0.0.1', '2001:db8::/32'];

function seen(fields: Readonly<Record<string, string>>, { peer = '10.0.0.1', field = 'x-forwarded-for' as 'x-forwarded-for' | 'forwarded', trusted = networks } = {}) {
  const request = exchange(peer, fields);
  new TrustedProxies({ trustedProxies: trusted, forwardedField: field }).resolve(request);
  const client = requestClientOf(request);
  return client === null ? null : [client.host, client.via, client.proto];
}

describe('the client of a request', () => {
  it('is the address to the left of the trusted ones', () => {
    expect(seen({ 'x-forwarded-for': '203.0.113.9' })).toEqual(['203.0.113.9', '10.0.0.1', null]);
    expect(seen({ 'x-forwarded-for': '192.0.2.66, 203.0.113.9, 10.1.2.3, 2001:db8::7' })).toEqual(['203.0.113.9', '10.0.0.1', null]);
    expect(seen({ 'x-forwarded-for': '203.0.113.9' }, { peer: '::ffff:10.0.0.1' })).toEqual(['203.0.113.9', '::ffff:10.0.0.1', null]);
  });

  it('is the leftmost where all are trusted', () => {
    expect(seen({ 'x-forwarded-for': '10.9.9.9, 10.1.2.3' })).toEqual(['10.9.9.9', '10.0.0.1', null]);
  });

  it('is never read from the fields of an untrusted peer', () => {
    expect(seen({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' }, { peer: '198.51.100.1' })).toBe(null);
    expect(seen({ 'x-forwarded-for': '203.0.113.9' }, { trusted: [] })).toBe(null);
  });

  it('is never read from the other field', () => {
    expect(seen({ forwarded: 'for=192.0.2.66', 'x-forwarded-for': '203.0.113.9' })).toEqual(['203.0.113.9', '10.0.0.1', null]);
    expect(seen({ forwarded: 'for=203.0.113.9', 'x-forwarded-for': '192.0.2.66' }, { field: 'forwarded' })).toEqual(['203.0.113.9', '10.0.0.1', null]);
  });

  it('is the last trusted proxy where that hides it', () => {
    expect(seen({ forwarded: 'for=192.0.2.66, for=_hidden, for=10.1.2.3' }, { field: 'forwarded' })).toEqual(['10.1.2.3', '10.0.0.1', null]);
    expect(seen({ forwarded: 'for=unknown' }, { field: 'forwarded' })).toEqual(['10.0.0.1', null, null]);
    expect(seen({})).toEqual(['10.0.0.1', null, null]);
  });

  it('is looked for in so many addresses only', () => {
    expect(seen({ 'x-forwarded-for': ['203.0.113.9', ...Array<string>(40).fill('10.1.1.1')].join(', ') })).toEqual(['10.1.1.1', '10.0.0.1', null]);
  });

  it('spoke what the proxy says', () => {
    expect(seen({ 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http, https' })).toEqual(['203.0.113.9', '10.0.0.1', 'https']);
    expect(seen({ forwarded: 'for=203.0.113.9;proto=https, for=10.1.1.1;proto=http' }, { field: 'forwarded' })).toEqual(['203.0.113.9', '10.0.0.1', 'https']);
    expect(seen({ forwarded: 'for=203.0.113.9', 'x-forwarded-proto': 'https' }, { field: 'forwarded' })).toEqual(['203.0.113.9', '10.0.0.1', null]);
  });
});

it('other proxies may be trusted later', () => {
  const proxies = new TrustedProxies({ trustedProxies: [], forwardedField: 'x-forwarded-for' });
  expect(proxies.trusts('10.0.0.1')).toBe(false);
  proxies.replace({ trustedProxies: ['10.0.0.1'], forwardedField: 'x-forwarded-for' });
  expect([proxies.trusts('10.0.0.1'), proxies.trusts('10.0.0.2'), proxies.trusts('')]).toEqual([true, false, false]);
});

describe('doubts', () => {
  it('are about peers on loopback that send the field and are not trusted, and proxies that do not send it; once each', () => {
    const doubts: string[] = [];
    const hear = { onUnlisted: (peer: string, field: string) => void doubts.push(`${peer} sent ${field}`), onSilent: (peer: string, field: string) => void doubts.push(`${peer} sent no ${field}`) };
    const settings = { trustedProxies: ['10.0.0.1'], forwardedField: 'x-forwarded-for' as const };
    const proxies = new TrustedProxies(settings, hear);
    const forwarded = { 'x-forwarded-for': '203.0.113.9' };
    proxies.resolve(exchange('198.51.100.1', forwarded));
    proxies.resolve(exchange('127.0.0.1', {}));
    proxies.resolve(exchange('10.0.0.1', forwarded));
    expect(doubts).toEqual([]);
    for (let i = 0; i < 2; i++) {
      proxies.resolve(exchange('127.0.0.1', forwarded));
      proxies.resolve(exchange('10.0.0.1', {}));
    }
    expect(doubts).toEqual(['127.0.0.1 sent x-forwarded-for', '10.0.0.1 sent no x-forwarded-for']);
    proxies.replace({ ...settings, trustedProxies: [] });
    proxies.resolve(exchange('127.0.0.1', forwarded));
    expect(doubts).toHaveLength(3);
  });
});
