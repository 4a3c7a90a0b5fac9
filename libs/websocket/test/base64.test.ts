import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeBase64 } from '../src/base64.ts';

it('encodes as RFC 4648, section 4', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    }),
  );
});
