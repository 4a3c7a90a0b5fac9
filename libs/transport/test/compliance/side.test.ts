import { Pool } from '@sluice/brigade';
import { expect, it } from 'vitest';
import { Side } from '../../src/compliance/side.ts';
import { LentBytes } from '../../src/compliance/lent.ts';
import type { Endpoint } from '../../src/endpoint.ts';

/** No more of an endpoint than a side that only reads looks at. */
const readable = (): Endpoint => ({ bytesIn: 0, bytesOut: 0, queuedBytes: 0, attach() {}, setReading() {} }) as unknown as Endpoint;

it.each([
  ['Uint8Arrays', (text: string): Uint8Array => Uint8Array.from(Buffer.from(text))],
  ['Node Buffers', (text: string): Uint8Array => Buffer.from(text)],
  ['LentBytes', (text: string): Uint8Array => LentBytes.from(Buffer.from(text))],
])('notes what it read of a transport that lends %s, and spoils what was lent', (_, lend) => {
  const endpoint = readable();
  const side = new Side('reader', endpoint, new Pool('test'), { depth: 0 });
  side.setReading(true);
  for (const text of ['first ', 'second']) {
    const lent = lend(text);
    (endpoint as { bytesIn: number }).bytesIn += lent.length;
    side.onBytes(lent, 0, lent.length);
    expect(lent[0]).toBe(0xee);
  }
  expect(side.text).toBe('first second');
  expect(side.violations).toEqual([]);
});
