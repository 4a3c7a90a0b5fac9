import { expect, it } from 'vitest';
import { payloadKind } from '../../src/topics/payload-kind.ts';

it.each([
  [null, 'text', 'text'],
  [null, '\xff', 'binary'],
  ['text/plain', '\xff', 'binary'],
  ['application/octet-stream', 'text', 'binary'],
  ['Application/Octet-Stream ; x=1', 'text', 'binary'],
  ['application/octet-streams', 'text', 'text'],
] as const)('of %s, %j is %s', (type, body, kind) => {
  const bytes = Buffer.from(`\xfe${body}\xfe`, 'latin1');
  expect(payloadKind(type, bytes, 1, bytes.length - 1)).toBe(kind);
});
