import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/index.ts';
import { loaded, problems } from './loading.ts';

const warnings = (file: Record<string, unknown>): string[] => loaded({ file }).warnings.map(formatProblem);
const origins = ['https://app.example.com'];

describe('listed origins in front of a loopback address without a token', () => {
  it('are warned of, and the token is named first', () => {
    expect(warnings({ origins })).toEqual([
      'sluice.json: origins: set auth.tokens, or take https://app.example.com out of the list: without a token everyone who reaches https://app.example.com through a proxy to 127.0.0.1:8080 can publish and subscribe',
    ]);
    expect(warnings({ origins: ['*'] })).toEqual([
      'sluice.json: origins: set auth.tokens, or take * out of the list: without a token everyone who reaches 127.0.0.1:8080 can publish and subscribe',
    ]);
  });

  it.each([
    ['with a token', { origins, auth: { tokens: ['k'] } }],
    ['with a token for reading alone', { origins, auth: { readTokens: ['k'] } }],
    ['where that is said to be meant', { origins, insecure: true }],
    ['where they are pages of this machine', { origins: ['http://localhost:3000', 'http://127.0.0.1:3000', 'http://[::1]:3000'] }],
  ])('are not %s', (_, file) => {
    expect(warnings(file)).toEqual([]);
  });
});

describe('trusted proxies', () => {
  it('in front of a loopback address without a token are warned of', () => {
    expect(warnings({ trustedProxies: ['127.0.0.1'] })).toEqual([
      'sluice.json: trustedProxies: set auth.tokens: without a token 127.0.0.1:8080 rejects requests that a proxy sends for other machines, unless their host is in origins',
    ]);
    expect(warnings({ trustedProxies: ['127.0.0.1'], auth: { tokens: ['k'] } })).toEqual([]);
  });

  it.each(['0.0.0.0/0', '::/0'])('that are everyone (%s) are warned of', (network) => {
    expect(warnings({ trustedProxies: ['10.0.0.0/8', network], auth: { tokens: ['k'] } })).toEqual([
      `sluice.json: trustedProxies[1]: list the proxies' own networks: with ${network} every client can claim any address`,
    ]);
  });

  it('are addresses and blocks', () => {
    expect(problems({ file: { trustedProxies: ['10.0.0.0/8', '10.0.0.0/33'] } })).toEqual([
      'sluice.json: trustedProxies[1]: expected an IP address or a CIDR block, like 10.0.0.0/8 or 2001:db8::/32, got "10.0.0.0/33"',
    ]);
  });
});

describe('addresses with the PROXY protocol', () => {
  const trustedProxies = ['10.0.0.1'];
  const auth = { tokens: ['k'] };

  it('are addresses of listeners, and need proxies that are trusted', () => {
    expect(problems({ file: { auth, trustedProxies, proxyProtocol: ['127.0.0.1:8080'] } })).toEqual([]);
    expect(problems({ file: { auth, trustedProxies, proxyProtocol: ['127.0.0.1:9999'] } })).toEqual([
      'sluice.json: proxyProtocol: 127.0.0.1:9999 is no address of http, https or command',
    ]);
    expect(problems({ file: { auth, proxyProtocol: ['127.0.0.1:8080'] } })).toEqual([
      'sluice.json: proxyProtocol: needs trustedProxies: the networks of the proxies, the only ones that may connect',
    ]);
  });

  it('are not the admin address, even if that is written the same', () => {
    expect(problems({ file: { auth, trustedProxies, http: ['127.0.0.1:0'], admin: '127.0.0.1:0', proxyProtocol: ['127.0.0.1:0'] } })).toEqual([]);
  });

  it('need authentication on loopback too: a proxy makes them reachable', () => {
    const command = ['127.0.0.1:7000'];
    const found = problems({ file: { trustedProxies, command, proxyProtocol: ['127.0.0.1:8080', '127.0.0.1:7000'] } });
    expect(found).toEqual([
      expect.stringContaining('http: 127.0.0.1:8080 is reached from other machines, and there is no authentication: set auth.tokens'),
      expect.stringContaining('command: 127.0.0.1:7000 is reached from other machines'),
    ]);
  });
});
