import { expect, it } from 'vitest';
import { nodeTone } from '../../src/supervision/node-tone.ts';

it.each([
  [null, 'good'],
  ['listening.quiet', 'good'],
  ['listening(active)', 'good'],
  ['waiting', 'bad'],
  ['connecting', 'wait'],
  ['stopped', 'plain'],
  ['toString', 'wait'],
])('%s is %s', (state, tone) => expect(nodeTone(state)).toBe(tone));
