import { expect, it } from 'vitest';
import { emptiedSecrets } from '../../src/config/emptied-secrets.ts';
import type { Layer, Source } from '../../src/config/sources.ts';

function layer(from: Source['from'], name: string, values: Readonly<Record<string, unknown>>): Layer {
  return { values: new Map(Object.entries(values).map(([path, value]) => [path, { value, source: { from, name } }])), problems: [], warnings: [] };
}

it('A secret whose file is empty is warned of', () => {
  const environment = layer('environment', 'SLUICE_AUTH_TOKENS_FILE', { 'auth.tokens': [] });
  const warnings = [{ where: 'SLUICE_AUTH_TOKENS_FILE', message: 'the file is empty, so auth.tokens is not set' }];
  expect(emptiedSecrets([], environment)).toEqual(warnings);
  expect(emptiedSecrets([layer('file', 'a.json', { 'auth.tokens': [] })], environment)).toEqual(warnings);
  expect(emptiedSecrets([], layer('environment', 'SLUICE_AUTH_TOKENS_FILE', { 'auth.tokens': ['a'] }))).toEqual([]);
});

it('Only a secret that a file has and the environment empties is warned of', () => {
  const defaults = layer('file', 'defaults.json', { 'auth.adminToken': 'hush', 'auth.tokens': ['a'] });
  const file = layer('file', 'a.json', { 'auth.tokens': ['b'], 'auth.readTokens': [], origins: ['*'] });
  const empty = { 'auth.adminToken': null, 'auth.tokens': [], 'auth.readTokens': [], origins: [] };
  expect(emptiedSecrets([defaults, file], layer('environment', 'X', empty)).map(({ where, message }) => `${where}: ${message}`)).toEqual([
    'X: is empty, so auth.tokens in a.json does not count; unset the variable to use it',
    'X: is empty, so auth.adminToken in defaults.json does not count; unset the variable to use it',
  ]);
  expect(emptiedSecrets([defaults, file], layer('environment', 'X', { 'auth.tokens': ['c'] }))).toEqual([]);
  expect(emptiedSecrets([], layer('environment', 'X', empty))).toEqual([]);
});
