import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settings } from '../../src/config/catalogue.ts';
import { configJsonSchema } from '../../src/config/index.ts';
import { load } from './loading.ts';

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(configJsonSchema());

/** A file with one setting in it. */
function fileWith(keys: readonly string[], value: unknown): unknown {
  return keys.reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
}

describe('the JSON Schema', () => {
  it('is of draft 2020-12 and compiles in strict mode', () => {
    expect(configJsonSchema()).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema', type: 'object' });
  });

  it('takes every default', () => {
    for (const setting of settings) expect(validate(fileWith(setting.keys, setting.default)), setting.path).toBe(true);
  });

  it('describes every setting and gives its default', () => {
    for (const { keys, description, default: byDefault } of settings) {
      const node = keys.reduce<unknown>(
        (at, key) => (at as { properties: Record<string, unknown> }).properties[key],
        configJsonSchema(),
      );
      expect(node).toMatchObject({ description, default: byDefault });
    }
  });

  it.each([
    { limits: { maxHeaders: 1 } },
    { http: ['8080'] },
    { http: ['fd:2'] },
    { log: { level: 'loud' } },
    { unknown: 1 },
    { history: { overrides: [{ count: 1 }] } },
    { history: { overrides: [{ pattern: 'a..b' }] } },
    { auth: { tokens: ['a b'] } },
    { root: '' },
  ])('refuses %j, as the gateway does', (file) => {
    expect(validate(file)).toBe(false);
    expect(load({ file }).ok).toBe(false);
  });

  it('agrees with the gateway on any value of any setting', () => {
    const value = fc.oneof(
      fc.constantFrom<unknown>('off', '', 'a:1', '127.0.0.1:0', 'news.>', 'disconnect', 'https://a.example', '*', 'index.html', '..', null, true),
      fc.integer({ min: -5, max: 20_000_000 }),
      fc.double(),
      fc.array(fc.constantFrom('a:1', 'b:2', 'https://a.example', 'tok', 'a b'), { maxLength: 3 }),
      fc.array(fc.record({ pattern: fc.constantFrom('a', 'a.*', '*.>', '>.a'), count: fc.integer({ min: -1, max: 3 }) }, { requiredKeys: [] }), { maxLength: 2 }),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...settings), value, ({ keys }, raw) => {
        // Through JSON, as a file has it; an exposed address, sizes that do not fit, or certificates that are not there are no matter of a schema.
        const file: unknown = JSON.parse(JSON.stringify(fileWith(keys, raw)));
        const result = load({ file, argv: ['--insecure'] });
        const bySchema = result.ok || result.problems.every(({ message }) => /^expected at most|already$|^needs |is no address of | cannot be read: |^OpenSSL refuses /.test(message));
        expect(validate(file)).toBe(bySchema);
      }),
      { numRuns: 2000 },
    );
  });
});
