// The name of the event of the last step, at the state that it led to: a drawing without the names of all events has room for one.

const ns = 'http://www.w3.org/2000/svg';

/** Puts the name below the state that each arrow leads to, in place of what was there before. */
export function nameEvent(svg: SVGSVGElement, targets: readonly string[], event: string | null): void {
  for (const old of svg.querySelectorAll('.event-name')) old.remove();
  if (event === null) return;
  for (const target of targets) {
    const box = svg.querySelector<SVGRectElement>(`[data-id="${CSS.escape(target)}"] > rect`)?.getBBox();
    if (box === undefined) continue;
    const name = document.createElementNS(ns, 'text');
    name.setAttribute('class', 'event-name');
    name.setAttribute('x', String(box.x + box.width / 2));
    name.setAttribute('y', String(box.y + box.height + 14));
    name.setAttribute('text-anchor', 'middle');
    name.textContent = event;
    svg.append(name);
    keepInside(svg, name);
  }
}

function keepInside(svg: SVGSVGElement, name: SVGTextElement): void {
  const { x, width } = name.getBBox();
  const view = svg.viewBox.baseVal;
  const over = Math.max(0, x + width + 4 - (view.x + view.width)) - Math.max(0, view.x + 4 - x);
  if (over !== 0) name.setAttribute('x', String(Number(name.getAttribute('x')) - over));
}
