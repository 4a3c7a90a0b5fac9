import { expect, it } from 'vitest';
import { needsToken } from '../../src/config/needs-token.ts';

it.each([
  [[], [], false],
  [['k'], [], true],
  [[], ['r'], true],
])('with the tokens %j and the read tokens %j: %s', (tokens, readTokens, expected) => {
  expect(needsToken({ auth: { tokens, readTokens, cookie: null, adminToken: null } })).toBe(expected);
});
