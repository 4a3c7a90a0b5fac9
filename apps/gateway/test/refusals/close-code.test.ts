import { expect, it } from 'vitest';
import { closeCodeOf, closeReason } from '../../src/refusals/close-code.ts';

it('is 4000 plus the HTTP status of the same meaning', () => {
  expect([401, 403, 421, 429, 503].map(closeCodeOf)).toEqual([4401, 4403, 4421, 4429, 4503]);
});

it('has a reason that says when to come back', () => {
  expect(closeReason('Too many.', 99.2)).toBe('Too many. retry-after-ms=100');
  expect(closeReason('No.')).toBe('No.');
});

it.each(['x', 'é', '€', '😀'])('has a reason of at most 123 bytes, cut at the end of a character: %s', (character) => {
  for (const retryMs of [0, 5]) {
    for (let shift = 0; shift < 4; shift++) {
      const reason = closeReason('-'.repeat(shift) + character.repeat(200), retryMs);
      const bytes = Buffer.from(reason);
      expect(bytes.length).toBeLessThanOrEqual(123);
      expect(bytes.length).toBeGreaterThan(119);
      expect(reason).not.toContain('\ufffd');
      if (retryMs > 0) expect(reason).toMatch(/ retry-after-ms=5$/);
    }
  }
});
