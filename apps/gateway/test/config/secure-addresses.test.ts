import { describe, expect, it } from 'vitest';
import { asksForCertificates, hasCertificate, identityFiles, listenerAddresses } from '../../src/config/secure-addresses.ts';
import { configOf } from '../in-memory/gateway.ts';
import type { GatewayConfig } from '../../src/config/index.ts';

function withTls(tls: Record<string, unknown>, settings: Record<string, unknown> = {}): GatewayConfig {
  const config = configOf();
  return { ...config, ...settings, tls: { ...config.tls, ...tls } } as GatewayConfig;
}

const one = { cert: 'one.pem', key: 'one.key' };
const two = { cert: 'two.pem', key: 'two.key' };

describe('which addresses speak TLS', () => {
  it.each<[string, GatewayConfig, string[], string[]]>([
    ['without a certificate none', withTls({}, { http: ['a:1'] }), ['a:1'], []],
    ['with one those of http', withTls(one, { http: ['a:1', 'b:2'] }), [], ['a:1', 'b:2']],
    ['also when it is one of the list', withTls({ certificates: [one] }, { http: ['a:1'] }), [], ['a:1']],
    ['with https only those', withTls(one, { http: ['a:1'], https: ['b:2'] }), ['a:1'], ['b:2']],
    ['half a certificate is none', withTls({ cert: 'one.pem' }, { http: ['a:1'] }), ['a:1'], []],
  ])('%s', (_, config, clear, secure) => {
    expect(listenerAddresses(config)).toEqual({ clear, secure });
  });
});

describe('certificates', () => {
  it('those of the two flags come first, each with the places of its files', () => {
    expect(identityFiles(withTls({ ...one, certificates: [two] }))).toEqual([
      { ...one, certPlace: ['tls.cert', ''], keyPlace: ['tls.key', ''] },
      { ...two, certPlace: ['tls.certificates', '[0].cert'], keyPlace: ['tls.certificates', '[0].key'] },
    ]);
    expect(identityFiles(withTls({}))).toEqual([]);
  });

  it.each([
    [{}, false],
    [{ key: 'one.key' }, false],
    [one, true],
    [{ certificates: [two] }, true],
  ])('%j: %s', (tls, has) => expect(hasCertificate(withTls(tls))).toBe(has));

  it("guard only where clients' are required, over TLS", () => {
    expect(asksForCertificates(withTls({ ...one, clientCertificate: 'require' }))).toBe(true);
    expect(asksForCertificates(withTls({ ...one, clientCertificate: 'request' }))).toBe(false);
    expect(asksForCertificates(withTls({ clientCertificate: 'require' }))).toBe(false);
  });
});
