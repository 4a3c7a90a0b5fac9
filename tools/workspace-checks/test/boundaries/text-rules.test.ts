import { describe, expect, it } from 'vitest';
import { checkText } from '../../src/boundaries/text-rules.ts';

const root = ['', 'srv', 'checkout', 'sluice'].join('/');
const check = (text: string, at = root): string[] =>
  checkText([{ path: 'a.md', text }], at).map((each) => `${each.where} ${each.rule}`);
// Put together here, so that this file does not hold what it looks for.
const join = (...parts: string[]): string => parts.join('');

describe('paths of one machine', () => {
  it.each([
    join('/ho', 'me/ann/project'),
    join('/Us', 'ers/ann/project'),
    join('/ro', 'ot/.config'),
    join('/wo', 'rk/main'),
    join('C:\\Us', 'ers\\ann'),
    `${root}/libs`,
  ])('are found: %s', (path) => expect(check(`line one\nsee "${path}"`)).toEqual(['a.md:2 machine-path']));

  it.each(['/tmp/x', '/proc/self/stat', '/topics/home/x', '/usr/bin/node', 'frame/work/x', '/etc/ssl', '~/work/x'])(
    'are not confused with %s',
    (path) => expect(check(`see ${path}`)).toEqual([]),
  );

  it('ignores a checkout whose own path says nothing', () => {
    expect(check('POST /app/x', '/app')).toEqual([]);
  });
});

describe('registry addresses', () => {
  it.each([
    join('"resolved": "https://regis', 'try.example.org/ws/-/ws-8.tgz"'),
    join('regis', 'try=http://10.0.0.1:4873'),
    join('@sluice:regis', 'try = x'),
    join('http://artif', 'actory.corp/npm'),
  ])('are found: %s', (text) => expect(check(`a\n${text}`)).toEqual(['a.md:2 registry']));

  it.each(['https://www.npmjs.com/package/ws', 'the registry of connections', 'const registry = new Map()'])(
    'are not confused with: %s',
    (text) => expect(check(text)).toEqual([]),
  );
});
