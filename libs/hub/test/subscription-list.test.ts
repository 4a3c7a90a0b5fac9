import { expect, it } from 'vitest';
import { SubscriptionList } from '../src/subscription-list.ts';

it('knows its pattern’s tokens and whether it has wildcards', () => {
  expect(new SubscriptionList('a.b')).toMatchObject({ tokens: ['a', 'b'], isWildcard: false, live: 0, passed: 0 });
  expect(new SubscriptionList('a.>').isWildcard).toBe(true);
  expect(new SubscriptionList('*').isWildcard).toBe(true);
});
