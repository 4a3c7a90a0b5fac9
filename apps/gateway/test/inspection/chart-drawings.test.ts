import type { LayoutNode } from '@sluice/inspection';
import { afterEach, describe, expect, it } from 'vitest';
import { ChartDrawings } from '../../src/inspection/chart-drawings.ts';
import { layOut } from '../../src/inspection/chart-layout.ts';
import { GatewayInMemory } from '../in-memory/gateway.ts';
import { jsonOf } from './admin-client.ts';

describe('ChartDrawings', () => {
  it('has a node for each state and an edge for each pair, with the places that were found', async () => {
    const { graph, svg, events, title } = await new ChartDrawings(layOut).drawing('listener', 'RIGHT');
    expect(title).toBe('Listener');
    expect(events).toContain('BIND.FAILED');
    const byId = new Map(graph.nodes.map((node) => [node.id, node]));
    expect([...byId.keys()].filter((id) => !id.includes('#'))).toEqual(expect.arrayContaining(['listener.starting', 'listener.listening.active', 'listener.stopped']));
    expect(byId.get('listener.listening.active')).toMatchObject({ parentId: 'listener.listening', label: 'active', type: 'atomic' });
    expect(byId.get('listener#initial')).toMatchObject({ type: 'initial', parentId: null });
    for (const { source, target, points, events } of graph.edges) {
      expect(byId.has(source) && byId.has(target)).toBe(true);
      expect(points.length).toBeGreaterThan(1);
      expect(events.length > 0).toBe(!source.includes('#'));
    }
    for (const { x, y, width, height } of graph.nodes) expect([x >= 0, y >= 0, x + width <= graph.width, y + height <= graph.height]).toEqual([true, true, true, true]);
    expect(svg).toContain('data-id="listener.waiting"');
    expect(svg).not.toContain('<style');
  });

  it('are made once for each variant, and again after a failure', async () => {
    const asked: string[] = [];
    let fails = true;
    const drawings = new ChartDrawings(async (graph) => {
      asked.push(`${graph.layoutOptions?.['elk.direction']} ${graph.edges!.some(({ labels }) => labels !== undefined)}`);
      if (fails) throw new Error('no layout');
      return layOut(graph);
    });
    await expect(drawings.drawing('listener', 'DOWN')).rejects.toThrow('no layout');
    fails = false;
    const first = await drawings.drawing('listener', 'DOWN');
    expect(await drawings.drawing('listener', 'DOWN')).toBe(first);
    await drawings.drawing('listener', 'DOWN', false);
    expect(asked).toEqual(['DOWN true', 'DOWN true', 'DOWN false']);
  });

  it('draws what holds in any state from a box of its own', async () => {
    const { graph } = await new ChartDrawings(layOut).drawing('connection', 'RIGHT', false);
    expect(graph.nodes.find(({ id }) => id === 'connection')).toMatchObject({ type: 'any', label: 'any state' });
    expect(graph.edges.every(({ label }: { label: unknown }) => label === null)).toBe(true);
  });
});

describe('/inspection/charts/{id}', () => {
  let running: GatewayInMemory;
  afterEach(() => running.stop());

  it('waits for the layout while others are served', async () => {
    running = await GatewayInMemory.start();
    const admin = running.connectAdmin();
    admin.send('GET /inspection/charts/listener?direction=down&labels=false HTTP/1.1\r\nHost: memory\r\n\r\n');
    running.pass(1);
    expect(admin.received).toBe('');
    expect(running.connectAdmin().request('GET /healthz')).toContain('ok');
    while (admin.received === '') {
      await new Promise((resolve) => setTimeout(resolve, 10));
      running.pass(1);
    }
    expect(jsonOf(admin.reply())).toMatchObject({ id: 'listener', graph: { nodes: expect.any(Array) as LayoutNode[] } });
  });
});
