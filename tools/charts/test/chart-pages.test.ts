import { connectionMachine, connectorMachine, listenerMachine } from '@sluice/connection';
import { allStates, readDiagram } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { chartPages, chartText, generateChart } from '../src/chart-pages.ts';

const [connection] = chartPages;

describe('chart pages', () => {
  it('are those of every chart there is', () => {
    expect(chartPages.map(({ machine }) => machine)).toEqual([connectionMachine, listenerMachine, connectorMachine]);
    expect(chartPages.map(({ name }) => name)).toEqual(chartPages.map(({ machine }) => machine.root.id));
  });

  it.each(chartPages)('show $name: the picture, and each state, event and deadline', async (page) => {
    const [text, picture] = await generateChart(page);
    expect(text!.path).toBe(`docs/charts/${page.name}.md`);
    expect(picture).toEqual({ path: `docs/charts/${page.name}.svg`, text: expect.stringMatching(/^<svg [^]*prefers-color-scheme:dark[^]*<\/svg>\n$/) });
    expect(text!.text).toContain(`](${page.name}.svg)`);
    const states = allStates(readDiagram(page.machine.root));
    for (const { path } of states.slice(1)) expect(text!.text).toContain(`| \`${path}\` |`);
    for (const { event } of states.flatMap(({ transitions }) => transitions)) expect(text!.text).toContain(`| \`${event}\` |`);
    for (const name of page.deadlineNames) expect(text!.text).toMatch(new RegExp(`\\| \`${name}\` \\| (?:[^|]*\`[^|]*|–) \\|`));
  });

  it('say where each event leads, what is done, and what deadlines are armed', () => {
    const text = chartText(connection!);
    expect(text).toContain('| any | `TRANSPORT.FAILED` | `closed` | `reason transportError` |');
    expect(text).toContain('| `TRANSPORT.FAILED` | any → `closed` |');
    expect(text).toMatch(/\| `close` \| `draining`, `writeAndAbort` \|/);
  });

  it('say that there are no guards, as long as there are none', () => {
    const { root } = listenerMachine;
    expect(chartText(connection!)).toContain('## Guards\n\nNone.');
    const transitions = new Map([['GO', [{ target: undefined, actions: [], guard: 'isLate' }]]]);
    const { id, key, path, type, description, tags, entry, exit, initial, states } = root;
    const guarded = { root: { id, key, path, type, description, tags, entry, exit, initial, states, transitions } };
    expect(chartText({ ...connection!, machine: guarded })).toContain('| any | `GO` | `isLate` | stays |');
  });

  it('are others for another machine', () => {
    expect(chartText({ ...connection!, machine: listenerMachine })).not.toBe(chartText(connection!));
  });
});
