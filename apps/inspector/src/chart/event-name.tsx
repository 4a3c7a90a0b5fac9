// The name of the event at the arrow that the last step took.

const ns = 'http://www.w3.org/2000/svg';

/** Puts the name over the middle of each arrow's path, in place of what was there before. */
export function nameEvent(svg: SVGSVGElement, arrows: readonly SVGElement[], event: string | null): void {
  for (const old of svg.querySelectorAll('.event-name')) old.remove();
  if (event === null) return;
  for (const arrow of arrows) {
    const path = arrow.querySelector('path');
    if (path === null) continue;
    const middle = longestMiddle(path);
    const name = document.createElementNS(ns, 'text');
    name.setAttribute('class', 'event-name');
    name.setAttribute('x', String(middle.x));
    name.setAttribute('y', String(middle.y - 5));
    name.setAttribute('text-anchor', 'middle');
    name.textContent = event;
    svg.append(name);
    keepInside(svg, name);
  }
}

/** The middle of the longest level piece, where there is room for a name. */
function longestMiddle(path: SVGPathElement): { x: number; y: number } {
  const points = (path.getAttribute('d') ?? '').replace(/^M/, '').split(' ').map((pair) => pair.split(',').map(Number));
  let best = { x: points[0]?.[0] ?? 0, y: points[0]?.[1] ?? 0, length: -1 };
  for (let i = 1; i < points.length; i++) {
    const [x0 = 0, y0 = 0] = points[i - 1] ?? [];
    const [x1 = 0, y1 = 0] = points[i] ?? [];
    const length = Math.abs(x1 - x0) + Math.abs(y1 - y0) / 4;
    if (length > best.length) best = { x: (x0 + x1) / 2, y: (y0 + y1) / 2, length };
  }
  return best;
}

function keepInside(svg: SVGSVGElement, name: SVGTextElement): void {
  const { x, width } = name.getBBox();
  const view = svg.viewBox.baseVal;
  const over = Math.max(0, x + width + 4 - (view.x + view.width)) - Math.max(0, view.x + 4 - x);
  if (over !== 0) name.setAttribute('x', String(Number(name.getAttribute('x')) - over));
}
