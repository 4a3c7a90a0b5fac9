import { expect, it } from 'vitest';
import { escapeXml } from '../../src/diagram/xml.ts';

it('escapes what would end a text or an attribute', () => {
  expect(escapeXml(`a<b> & "c" 'd'`)).toBe('a&lt;b&gt; &amp; &quot;c&quot; &apos;d&apos;');
});
