import { expect, it } from 'vitest';
import { gapDocument } from '../../src/topics/gap-document.ts';

it('is the hub’s gap, with the position as text', () => {
  const gap = { reason: 'tooOld', topic: 'news', epoch: 't1', oldestOffset: 3, missed: 1 } as const;
  expect(gapDocument({ ...gap, position: { epoch: 'h1', offset: 7 } })).toEqual({ ...gap, position: 'h1:7' });
});
