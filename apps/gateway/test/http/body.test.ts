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
