import { expect, it } from 'vitest';
import { CollectedBody } from '../../src/http/body.ts';

it.each([[[]], [['whole']], [['in', ' ', 'pieces']]])('of %j is given whole, as its own bytes', (pieces: string[]) => {
  let given = '';
  const body = new CollectedBody((bytes, start, end) => (given = Buffer.from(bytes.subarray(start, end)).toString()));
  for (const piece of pieces) {
    const lent = Buffer.from(`[${piece}]`);
    body.onData(lent, 1, lent.length - 1);
    lent.fill(0);
  }
  expect(given).toBe('');
  body.onEnd();
  expect(given).toBe(pieces.join(''));
});

it('costs no more memory in a million pieces than in one', () => {
  const pieces = 1024 * 1024;
  const body = new CollectedBody((_bytes, start, end) => expect(end - start).toBe(pieces));
  const piece = Uint8Array.of(1);
  const held = (): number => process.memoryUsage().heapUsed + process.memoryUsage().external;
  const before = held();
  for (let i = 0; i < pieces; i++) body.onData(piece, 0, 1);
  expect(held() - before).toBeLessThan(32 * pieces);
  body.onEnd();
});
