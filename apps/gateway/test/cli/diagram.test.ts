import { describe, expect, it } from 'vitest';
import { diagram } from '../../src/cli/diagram.ts';
import { makeConsole } from './admin-stub.ts';

async function printed(...argv: string[]) {
  const console = makeConsole(false);
  expect(await diagram(argv, console.host)).toBe(0);
  return console.out.text;
}

describe('sluice diagram', () => {
  it('prints the chart of a connection for Mermaid, unless another is wanted', async () => {
    expect(await printed()).toMatch(/^stateDiagram-v2\n[^]*established_outbound_choked/);
    expect(await printed('--chart', 'listener')).toContain('listening --> waiting: DIED');
    expect(await printed('--chart', 'connector', '--format', 'scxml')).toMatch(/^<\?xml[^]*<scxml [^]*name="connector"/);
    expect(JSON.parse(await printed('--chart', 'listener', '--format', 'json'))).toMatchObject({ id: 'listener', type: 'compound', initial: 'starting' });
  });

  it('prints a drawing that stands on its own', async () => {
    const svg = await printed('--chart', 'listener', '--format', 'svg');
    expect(svg).toMatch(/^<svg [^]*<style>[^]*data-id="listener\.binding"[^]*<\/svg>\n$/);
  });

  it.each([
    [['--chart', 'other'], '--chart: expected one of connection, listener, connector, got "other"\n'],
    [['--format', 'toString'], '--format: expected one of mermaid, svg, scxml, json, got "toString"\n'],
    [['extra'], /extra/],
  ])('%j is refused', async (argv, message) => {
    const console = makeConsole(false);
    expect(await diagram(argv, console.host)).toBe(2);
    expect(console.errors.join('')).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });
});
