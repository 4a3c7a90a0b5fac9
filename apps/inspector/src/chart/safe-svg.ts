// A drawing from the gateway, taken into the page. It is parsed as XML, never put in as HTML, and only what a chart is made of is
// let through: whatever else were in it does not reach the page.

/** The part of the DOM that is walked. */
export interface MarkupElement {
  readonly localName: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  readonly children: Iterable<MarkupElement>;
  removeAttribute(name: string): void;
  remove(): void;
}

const elements = new Set(['svg', 'g', 'rect', 'circle', 'path', 'text', 'tspan', 'title', 'defs', 'marker']);
const attributes = new Set(
  'id class role width height viewBox xmlns x y rx cx cy r d text-anchor marker-end refX refY markerWidth markerHeight orient data-id data-source data-target data-events'.split(' '),
);

/** Takes out of an element all that no chart has. */
export function stripMarkup(element: MarkupElement): void {
  for (const { name, value } of Array.from(element.attributes)) {
    const isReference = name === 'marker-end' && !/^url\(#[\w.-]+\)$/.test(value);
    if (!attributes.has(name) || isReference) element.removeAttribute(name);
  }
  for (const child of Array.from(element.children)) {
    if (elements.has(child.localName)) stripMarkup(child);
    else child.remove();
  }
}

/** `null` for what is no SVG. */
export function readSvg(text: string): SVGSVGElement | null {
  const { documentElement } = new DOMParser().parseFromString(text, 'image/svg+xml');
  if (documentElement.localName !== 'svg') return null;
  stripMarkup(documentElement);
  return document.importNode(documentElement, true) as unknown as SVGSVGElement;
}
