import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExtensions } from '../src/headerGrammar.ts';
import { checkDeflateAnswer, chooseDeflate, offerDeflate, type DeflatePolicy } from '../src/negotiation.ts';

function choose(field: string, policy: DeflatePolicy = {}): string | null {
  return chooseDeflate(parseExtensions(field) ?? [], policy)?.field ?? null;
}

describe('Choosing among offers (RFC 7692, sections 5.1 and 7.1)', () => {
  it.each([
    ['permessage-deflate', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits', 'permessage-deflate'],
    ['permessage-deflate; client_max_window_bits=10', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; client_max_window_bits="10"', 'permessage-deflate; client_max_window_bits=10'],
    ['permessage-deflate; server_max_window_bits=10', 'permessage-deflate; server_max_window_bits=10'],
    ['permessage-deflate; server_max_window_bits=15', 'permessage-deflate; server_max_window_bits=15'],
    ['permessage-deflate; server_no_context_takeover', 'permessage-deflate; server_no_context_takeover'],
    ['permessage-deflate; client_no_context_takeover', 'permessage-deflate; client_no_context_takeover'],
    ['x-webkit-deflate-frame, permessage-deflate', 'permessage-deflate'],
  ])('%s is answered %s', (offer, answer) => {
    expect(choose(offer)).toBe(answer);
  });

  it.each([
    'foo',
    'permessage-deflate; unknown',
    'permessage-deflate; server_no_context_takeover=1',
    'permessage-deflate; client_no_context_takeover=true',
    'permessage-deflate; server_max_window_bits',
    'permessage-deflate; server_max_window_bits=7',
    'permessage-deflate; server_max_window_bits=16',
    'permessage-deflate; server_max_window_bits=08',
    'permessage-deflate; server_max_window_bits=1e1',
    'permessage-deflate; client_max_window_bits=16',
    'permessage-deflate; client_max_window_bits=010',
    'permessage-deflate; server_no_context_takeover; server_no_context_takeover',
    'permessage-deflate; client_max_window_bits; client_max_window_bits=10',
  ])('%s is declined', (offer) => {
    expect(choose(offer)).toBeNull();
  });

  it('falls back to the next offer when one cannot be kept (section 5.2)', () => {
    expect(choose('permessage-deflate; server_max_window_bits=99, permessage-deflate')).toBe('permessage-deflate');
    expect(choose('permessage-deflate; server_max_window_bits=8, permessage-deflate; server_max_window_bits=9')).toBe(
      'permessage-deflate; server_max_window_bits=9',
    );
  });

  it('declines a window its deflater cannot keep to', () => {
    expect(choose('permessage-deflate; server_max_window_bits=8')).toBeNull();
    expect(choose('permessage-deflate; server_max_window_bits=8', { minWindowBits: 8 })).toBe('permessage-deflate; server_max_window_bits=8');
  });

  it('tells the client its own wishes', () => {
    const policy: DeflatePolicy = { serverNoContextTakeover: true, clientNoContextTakeover: true, serverMaxWindowBits: 12, clientMaxWindowBits: 11 };
    expect(choose('permessage-deflate; client_max_window_bits', policy)).toBe(
      'permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=11',
    );
  });

  it('never tells a window to a client that did not say it can be told (section 7.1.2.2)', () => {
    expect(choose('permessage-deflate', { clientMaxWindowBits: 10 })).toBeNull();
    expect(choose('permessage-deflate, permessage-deflate; client_max_window_bits', { clientMaxWindowBits: 10 })).toBe(
      'permessage-deflate; client_max_window_bits=10',
    );
  });
});

describe('Checking the answer (RFC 7692, section 7.1)', () => {
  it.each([
    ['permessage-deflate; client_max_window_bits', {}],
    ['permessage-deflate; server_max_window_bits=7', {}],
    ['permessage-deflate; unknown=1', {}],
    ['permessage-deflate, permessage-deflate', {}],
    ['foo', {}],
    ['permessage-deflate', { serverNoContextTakeover: true }],
    ['permessage-deflate', { serverMaxWindowBits: 10 }],
    ['permessage-deflate; server_max_window_bits=11', { serverMaxWindowBits: 10 }],
    ['permessage-deflate; client_max_window_bits=12', { clientMaxWindowBits: 10 }],
    ['permessage-deflate; client_max_window_bits=8', {}],
    ['', {}],
  ] satisfies [string, DeflatePolicy][])('%s is refused after %j', (answer, policy) => {
    expect(checkDeflateAnswer(answer, policy)).toBe('invalid');
  });

  it('refuses any extension when none was offered', () => {
    expect(checkDeflateAnswer('permessage-deflate', null)).toBe('invalid');
  });

  it('takes no answer as no compression', () => {
    expect(checkDeflateAnswer(undefined, {})).toBeNull();
  });

  it('takes what the server adds within the rules', () => {
    expect(checkDeflateAnswer('permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=9', {})).toEqual({
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      serverMaxWindowBits: 15,
      clientMaxWindowBits: 9,
    });
  });
});

it('whatever two policies want, the client accepts what the server answers, and both keep the same parameters', () => {
  const bits = fc.option(fc.integer({ min: 9, max: 15 }), { nil: undefined });
  const policy = fc
    .record({ serverNoContextTakeover: fc.boolean(), clientNoContextTakeover: fc.boolean(), serverMaxWindowBits: bits, clientMaxWindowBits: bits })
    .map(({ serverMaxWindowBits, clientMaxWindowBits, ...flags }): DeflatePolicy => ({
      ...flags,
      ...(serverMaxWindowBits !== undefined && { serverMaxWindowBits }),
      ...(clientMaxWindowBits !== undefined && { clientMaxWindowBits }),
    }));
  fc.assert(
    fc.property(policy, policy, (client, server) => {
      const agreed = chooseDeflate(parseExtensions(offerDeflate(client)) ?? [], server);
      expect(checkDeflateAnswer(agreed?.field, client)).toEqual(agreed?.parameters);
    }),
  );
});
