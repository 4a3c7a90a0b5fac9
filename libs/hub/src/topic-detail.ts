// What is wrong with a name, for the person who wrote it: which rule it breaks, with which character, and where.

import type { TopicErrorCode } from './errors.ts';

/** Whether the character may not stand in a name. Given by the checker of names, so that there is one table of characters. */
export type IsForbidden = (character: string) => boolean;

const named: Readonly<Record<string, string>> = { ' ': 'a space', '\t': 'a tab', '\n': 'a line feed', '\r': 'a carriage return' };

/** Without the name itself: `has a space (U+0020) at index 1`. Indices count UTF-16 code units from 0, as in JavaScript. */
export function topicDetail(name: string, code: TopicErrorCode, limits: { readonly maxTopicBytes: number; readonly maxTokens: number }, isForbidden: IsForbidden): string {
  switch (code) {
    case 'topicEmpty':
      return 'is empty';
    case 'topicTooLong':
      return `is longer than ${limits.maxTopicBytes} bytes`;
    case 'tooManyTokens':
      return `has more than ${limits.maxTokens} tokens`;
    case 'tokenEmpty':
      return `has an empty token at index ${emptyTokenAt(name)}`;
    case 'characterForbidden':
      return forbiddenIn(name, isForbidden);
    case 'wildcardInTopic':
      return `has a wildcard at index ${name.search(/[*>]/)}; only subscriptions may have them`;
    case 'wildcardMisplaced':
      return 'has a misplaced wildcard: * stands for a whole token, and > for the last ones';
  }
}

function emptyTokenAt(name: string): number {
  if (name.startsWith('.')) return 0;
  const between = name.indexOf('..');
  return between < 0 ? name.length : between + 1;
}

function forbiddenIn(name: string, isForbidden: IsForbidden): string {
  let index = 0;
  for (const character of name) {
    if (isForbidden(character)) {
      const point = `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
      return `has ${named[character] === undefined ? point : `${named[character]} (${point})`} at index ${index}`;
    }
    index += character.length;
  }
  return 'has a character that topics may not have';
}
