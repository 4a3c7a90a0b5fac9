import { connectionMachine } from '@sluice/connection';
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartHash } from '../src/index.ts';

it('is the same for the same definition, another for another', () => {
  expect(chartHash(connectionMachine)).toMatch(/^[0-9a-f]{16}$/);
  expect(chartHash(createMachine(connectionMachine.config as object))).toBe(chartHash(connectionMachine));
  const reworded = { ...connectionMachine.config, description: 'Another.' };
  expect(chartHash(createMachine(reworded as object))).not.toBe(chartHash(connectionMachine));
});

it('is FNV-1a of the JSON of the definition', () => {
  // draft-eastlake-fnv, section 2: for each byte, xor it in, then multiply by the prime.
  let hash = 0xcbf29ce484222325n;
  for (const byte of [0x7bn, 0x7dn]) hash = ((hash ^ byte) * 0x100000001b3n) & 0xffffffffffffffffn;
  expect(chartHash(createMachine({}))).toBe(hash.toString(16).padStart(16, '0'));
});
