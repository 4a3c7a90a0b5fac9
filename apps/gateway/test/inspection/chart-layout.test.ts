import { layoutInput } from '@sluice/inspection';
import { expect, it } from 'vitest';
import { layOut } from '../../src/inspection/chart-layout.ts';
import { chartDiagram } from '../../src/inspection/charts.ts';

it('gives every box of the question a place, and leaves this thread alone meanwhile', async () => {
  const input = layoutInput(chartDiagram('listener'));
  const ids = (node: { id: string; children?: { id: string }[] }): string[] => [node.id, ...(node.children ?? []).flatMap(ids)];
  let turns = 0;
  const turning = setInterval(() => turns++, 1);
  const placed = await layOut(input);
  clearInterval(turning);
  expect(ids(placed)).toEqual(ids(input));
  expect(placed.children!.every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true);
  expect(turns).toBeGreaterThan(5);
});

it('fails with what the library says of a graph that is none', async () => {
  await expect(layOut({ id: 'root', edges: [{ id: 'edge', sources: ['nobody'], targets: ['nowhere'] }] })).rejects.toThrow(/nobody/);
});
