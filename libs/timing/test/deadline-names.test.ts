import { expect, it } from 'vitest';
import { deadlineCode, deadlineNames } from '../src/deadline-names.ts';

it('gives each of the ten names its place in the list', () => {
  expect(deadlineNames.map(deadlineCode)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});
