import { expect, it } from 'vitest';
import { lineage } from '../src/index.ts';
import { directory, listener, Player, supervisor } from './support/cast.ts';

it('goes from the root down to the actor', () => {
  const player = new Player();
  expect(lineage(player, directory)).toEqual([supervisor, listener, player]);
  expect(lineage(supervisor, directory)).toEqual([supervisor]);
});
