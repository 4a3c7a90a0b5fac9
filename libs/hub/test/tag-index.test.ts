import { expect, it } from 'vitest';
import { TagIndex, assertTag } from '../src/tag-index.ts';
import type { MemberEntry } from '../src/member.ts';
import { makeHub, Recorder } from './recorder.ts';

it('knows who carries a tag, and forgets a tag nobody carries', () => {
  const index = new TagIndex();
  const { hub } = makeHub();
  const members = [0, 1, 2].map(() => hub.join(new Recorder()) as MemberEntry);
  const taggings = members.map((member) => index.add('x', member, 0));
  index.add('y', members[0], 0);
  index.remove(taggings[0]);
  expect(new Set(index.get('x')?.entries.map((tagging) => tagging.member))).toEqual(new Set(members.slice(1)));
  expect(index.size).toBe(2);
  index.remove(taggings[1]);
  index.remove(taggings[2]);
  expect(index.get('x')).toBeUndefined();
  expect(index.size).toBe(1);
});

it.each(['', 'x'.repeat(256)])('refuses what is no tag: %j', (tag) => {
  expect(() => assertTag(tag)).toThrow(expect.objectContaining({ code: 'tagInvalid', status: 400 }));
});

it('takes any text for a tag', () => {
  for (const tag of ['a', 'x'.repeat(255), 'with space', 'ä', '*.>']) expect(() => assertTag(tag)).not.toThrow();
});
