import { expect, it } from 'vitest';
import { retryHints } from '../../src/http/retry-hint.ts';

it.each([
  [0, 1000],
  [0.5, 3000],
  [0.999_999, 5000],
])('with a draw of %d it is %d ms', (draw, hint) => {
  expect(retryHints({ retryHintMs: 1000, retryJitterMs: 4000 }, () => draw)()).toBe(hint);
});

it('is the base without jitter', () => {
  expect(retryHints({ retryHintMs: 1000, retryJitterMs: 0 }, () => 0.999)()).toBe(1000);
});
