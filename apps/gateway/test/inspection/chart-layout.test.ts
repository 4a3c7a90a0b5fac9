import { layoutInput } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { layOut, layOutIn } from '../../src/inspection/chart-layout.ts';
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

describe('a thread that fails', () => {
  const inThread = (code: string, timeoutMs = 60_000) => layOutIn({ url: new URL(`data:text/javascript,${encodeURIComponent(code)}`), timeoutMs })({ id: 'root' });

  it('is ended when it does not come to an end', async () => {
    await expect(inThread('for (;;);', 50)).rejects.toThrow('no answer after 50 ms');
  });

  it('is told from one that answers nothing', async () => {
    await expect(inThread('')).rejects.toThrow('ended without an answer');
    await expect(inThread('throw new Error("no memory")')).rejects.toThrow('no memory');
  });
});
