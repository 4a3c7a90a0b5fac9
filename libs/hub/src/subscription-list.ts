// All subscriptions of one pattern, and how many publications have gone over them.

import { FlatList } from './flat-list.ts';
import type { SubscriptionEntry } from './subscription.ts';
import { hasWildcard } from './topic.ts';

export class SubscriptionList extends FlatList<SubscriptionEntry> {
  readonly pattern: string;
  readonly tokens: readonly string[];
  readonly isWildcard: boolean;
  /** Publications that have matched the pattern since the list was made. What a lagging subscription is owed is a difference of two of these. */
  passed = 0;

  constructor(pattern: string) {
    super();
    this.pattern = pattern;
    this.tokens = pattern.split('.');
    this.isWildcard = hasWildcard(pattern);
  }
}
