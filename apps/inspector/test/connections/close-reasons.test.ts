import { closeReasons } from '@sluice/connection';
import { expect, it } from 'vitest';
import { explainReason } from '../../src/connections/close-reasons.ts';

it('every reason has a sentence of its own', () => {
  const texts = closeReasons.map((reason) => explainReason(reason).text);
  expect(new Set(texts).size).toBe(closeReasons.length);
  for (const text of texts) expect(text).toMatch(/^[A-Z].+\.$/);
});

it('one of a newer gateway is shown as it is', () => {
  expect(explainReason('toString')).toEqual({ text: 'toString', tone: 'plain' });
});
