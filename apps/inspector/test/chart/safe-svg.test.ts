import { connectionMachine } from '@sluice/connection';
import { layoutInput, readDiagram, svgDiagram, type LayoutNode, type MachineNode } from '@sluice/inspection';
import { expect, it } from 'vitest';
import { stripMarkup, type MarkupElement } from '../../src/chart/safe-svg.ts';

class Fake implements MarkupElement {
  readonly localName: string;
  readonly attributes: { name: string; value: string }[];
  children: Fake[];
  parent: Fake | null = null;

  constructor(localName: string, attributes: Record<string, string> = {}, children: Fake[] = []) {
    this.localName = localName;
    this.attributes = Object.entries(attributes).map(([name, value]) => ({ name, value }));
    this.children = children;
    for (const child of children) child.parent = this;
  }

  removeAttribute(name: string): void {
    this.attributes.splice(this.attributes.findIndex((each) => each.name === name), 1);
  }

  remove(): void {
    if (this.parent !== null) this.parent.children = this.parent.children.filter((each) => each !== this);
  }

  shape(): unknown {
    return [this.localName, this.attributes.map(({ name }) => name), this.children.map((child) => child.shape())];
  }
}

it('lets through what a chart is made of, and nothing else', () => {
  const svg = new Fake('svg', { viewBox: '0 0 1 1', onload: 'alert(1)' }, [
    new Fake('script'),
    new Fake('style'),
    new Fake('foreignObject', {}, [new Fake('g')]),
    new Fake('a', { href: 'javascript:alert(1)' }, [new Fake('text')]),
    new Fake('g', { class: 'state', style: 'x', onclick: 'x' }, [new Fake('rect', { x: '0' }), new Fake('use', { href: '#x' })]),
    new Fake('path', { d: 'M0,0', 'marker-end': 'url(https://example.com/#a)' }),
    new Fake('path', { d: 'M0,0', 'marker-end': 'url(#connection-arrow)' }),
  ]);
  stripMarkup(svg);
  expect(svg.shape()).toEqual([
    'svg',
    ['viewBox'],
    [
      ['g', ['class'], [['rect', ['x'], []]]],
      ['path', ['d'], []],
      ['path', ['d', 'marker-end'], []],
    ],
  ]);
});

it('a real drawing has nothing that would be taken out', () => {
  const root = readDiagram(connectionMachine.root as unknown as MachineNode);
  const place = (node: LayoutNode): LayoutNode => ({ ...node, x: 0, y: 0, children: node.children?.map(place) ?? [] });
  const input = layoutInput(root);
  const text = svgDiagram(root, { ...place(input), edges: input.edges ?? [] });
  for (const [, name = '', rest = ''] of text.matchAll(/<(\w+)((?:\s[\w-]+="[^"]*")*)\s*\/?>/g)) {
    const attributes = Object.fromEntries([...rest.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key, value]) => [key, value]));
    const parent = new Fake('svg', {}, [new Fake(name, attributes)]);
    const before = JSON.stringify(parent.shape());
    stripMarkup(parent);
    expect(JSON.stringify(parent.shape())).toBe(before);
  }
});
