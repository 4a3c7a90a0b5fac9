import fc from 'fast-check';
import { expect, it } from 'vitest';
import { encodeJson, encodeText } from '../src/ascii-json.ts';

it('is JSON of the same value, in ASCII', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), (value, text) => {
      const json = encodeJson({ value, text });
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ value, text })));
      expect(Buffer.byteLength(json)).toBe(json.length);
    }),
  );
});

it('gives a string alone the same way', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => encodeText(text) === encodeJson(text)));
});

it('gives functions by their names', () => {
  const guard = () => true;
  expect(encodeJson({ guard, list: [guard] })).toBe('{"guard":{"type":"guard"},"list":[{"type":"guard"}]}');
});
