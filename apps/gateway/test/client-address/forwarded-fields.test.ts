import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { elementsFromRight, lastWord, parseNode, type ForwardedField } from '../../src/client-address/forwarded-fields.ts';

const read = (field: ForwardedField, value: string, most = 8) => [...elementsFromRight(field, value, most)];
const hosts = (field: ForwardedField, value: string) => read(field, value).map(({ node }) => node?.host ?? null);

describe('an address as a proxy writes it (RFC 7239 section 6)', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1', 0],
    ['192.0.2.1:4711', '192.0.2.1', 4711],
    ['2001:DB8::1', '2001:db8::1', 0],
    ['[2001:db8::1]', '2001:db8::1', 0],
    ['[2001:db8::1]:443', '2001:db8::1', 443],
    ['::ffff:192.0.2.1', '192.0.2.1', 0],
    ['192.0.2.1:_hidden', '192.0.2.1', 0],
    ['192.0.2.1:99999', '192.0.2.1', 0],
  ])('%s is %s, port %d', (text, host, port) => {
    expect(parseNode(text)).toEqual({ host, port });
  });

  it.each(['', 'unknown', '_hidden', 'example.com', '192.0.2', '192.0.2.256', '[192.0.2.1]', '[::1', 'fe80::1%eth0', '192.0.2.1:', '1.2.3.4 5.6.7.8'])(
    '%j is none',
    (text) => {
      expect(parseNode(text)).toBe(null);
    },
  );
});

describe('X-Forwarded-For', () => {
  it('is read from the right; empty elements do not count', () => {
    expect(hosts('x-forwarded-for', '203.0.113.9, ,10.0.0.1,\t10.0.0.2')).toEqual(['10.0.0.2', '10.0.0.1', '203.0.113.9']);
    expect(hosts('x-forwarded-for', '')).toEqual([]);
  });

  it('has null where an element is no address', () => {
    expect(hosts('x-forwarded-for', 'unknown, 10.0.0.1')).toEqual(['10.0.0.1', null]);
  });

  it('is read as far as asked for', () => {
    expect(read('x-forwarded-for', Array(100).fill('10.0.0.1').join(','), 3)).toHaveLength(3);
  });

  it('gives null for an element of absurd length, and nothing beyond', () => {
    expect(hosts('x-forwarded-for', `10.0.0.1,${'1'.repeat(5000)},10.0.0.2`)).toEqual(['10.0.0.2', null]);
  });
});

describe('Forwarded (RFC 7239 section 4)', () => {
  it('has addresses and protocols, quoted or not, names in any case', () => {
    expect(read('forwarded', 'For="[2001:db8:cafe::17]:4711", for=192.0.2.60;proto=HTTPS;by=203.0.113.43')).toEqual([
      { node: { host: '192.0.2.60', port: 0 }, proto: 'https' },
      { node: { host: '2001:db8:cafe::17', port: 4711 }, proto: null },
    ]);
  });

  it('may have commas, semicolons and escaped quotes within quotes', () => {
    expect(read('forwarded', String.raw`for=192.0.2.1, for="192.0.2.43";host="a,b;c\"d"; proto=http`)).toEqual([
      { node: { host: '192.0.2.43', port: 0 }, proto: 'http' },
      { node: { host: '192.0.2.1', port: 0 }, proto: null },
    ]);
  });

  it.each(['for=_hidden', 'for=unknown', 'proto=https', 'for=192.0.2.1;for=192.0.2.2', 'for=', 'for 192.0.2.1', '=x', 'for="192.0.2.1'])('%j names no address', (value) => {
    expect(hosts('forwarded', value)).toEqual([null]);
  });

  it('what a client sent does not change how the elements of the proxies are read', () => {
    const anything = fc.string({ unit: fc.constantFrom('"', '\\', ',', ';', '=', ' ', 'f', 'o', 'r', '1', '.', ':', '[', ']'), maxLength: 60 });
    fc.assert(
      fc.property(anything, (sent) => {
        const [first, second] = hosts('forwarded', `${sent}, for=198.51.100.7;host="a,b", for="10.0.0.1"`);
        expect([first, second]).toEqual(['10.0.0.1', '198.51.100.7']);
      }),
    );
  });
});

it('any text is read without an error, and its addresses are addresses', () => {
  fc.assert(
    fc.property(fc.constantFrom<ForwardedField>('forwarded', 'x-forwarded-for'), fc.string({ unit: 'binary', maxLength: 300 }), (field, value) => {
      for (const { node } of elementsFromRight(field, value, 50)) if (node !== null) expect(parseNode(node.host)).toEqual({ host: node.host, port: 0 });
    }),
  );
});

it('the last word of a list', () => {
  expect(['https', 'http, HTTPS ', '', 'http,'].map(lastWord)).toEqual(['https', 'https', null, null]);
});
