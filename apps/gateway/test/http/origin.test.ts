import { expect, it } from 'vitest';
import { OriginPolicy } from '../../src/http/origin.ts';

it.each<[string | null, string[], boolean]>([
  [null, [], true],
  ['http://here:80', [], true],
  ['https://here:80', [], true],
  ['http://here', [], true],
  ['http://here:81', [], false],
  ['http://there', [], false],
  ['null', [], false],
  ['https://there', ['https://there'], true],
  ['http://there', ['https://there'], false],
  ['http://anywhere', ['*'], true],
])('%s on here:80, with %j listed: %s', (origin, listed, allowed) => {
  expect(new OriginPolicy(listed).allows(origin, 'here:80', false)).toBe(allowed);
});

it.each<[string, string[], boolean]>([
  ['https://here:80', [], true],
  ['http://here:80', [], false],
  ['http://here:80', ['http://here:80'], true],
  ['http://here:80', ['*'], true],
])('%s on here:80 over TLS, with %j listed: %s', (origin, listed, allowed) => {
  expect(new OriginPolicy(listed).allows(origin, 'here:80', true)).toBe(allowed);
});
