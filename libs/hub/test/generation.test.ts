import { expect, it } from 'vitest';
import { Generation } from '../src/generation.ts';
import { formatPosition, parsePosition } from '../src/position.ts';

function source(): () => number {
  let drawn = 0;
  return () => (++drawn * 0.618_033_988_749_895) % 1;
}

it('gives each topic an epoch of its own, the same whenever it is asked for', () => {
  const generation = new Generation(source(), 0);
  const names = Array.from({ length: 10_000 }, (_, i) => `topic.${i}`);
  expect(new Set(names.map((name) => generation.epochOf(name))).size).toBe(names.length);
  expect(generation.epochOf('topic.7')).toBe(generation.epochOf('topic.7'));
});

it('gives a topic another epoch than any other generation', () => {
  const random = source();
  const generations = Array.from({ length: 1000 }, () => new Generation(random, 0));
  expect(new Set(generations.map((each) => each.epochOf('t'))).size).toBe(1000);
});

it('makes epochs of topics’ positions, of fixed length', () => {
  const position = { epoch: new Generation(source(), 0).epochOf('grüße.𝄞'), offset: 3 };
  expect(position.epoch).toMatch(/^t[0-9a-z]{14}$/);
  expect(parsePosition(formatPosition(position))).toEqual(position);
});
