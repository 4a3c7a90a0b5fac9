// Marks of a chart's drawing: `active` on states, `taken` on the arrows of the last step, `hinted` on those of an event pointed at.

import { arrowsTaken, type Arrow } from './transitions.ts';

/** The part of an SVG element that is looked at and marked. */
export interface Markable {
  readonly dataset: Readonly<Record<string, string | undefined>>;
  readonly classList: { toggle(name: string, on: boolean): void };
}

export interface DrawnArrow<Element extends Markable> extends Arrow {
  readonly element: Element;
}

export interface Highlight {
  /** Ids of the active states. */
  readonly active: readonly string[];
  /** The active states before the last step. */
  readonly before: readonly string[];
  readonly event: string | null;
  /** An event that may come. */
  readonly hinted: string | null;
}

/** The arrows among some elements. */
export function drawnArrows<Element extends Markable>(elements: Iterable<Element>): DrawnArrow<Element>[] {
  return [...elements].map((element) => ({
    element,
    source: element.dataset['source'] ?? '',
    target: element.dataset['target'] ?? '',
    events: (element.dataset['events'] ?? '').split(' '),
  }));
}

/** Marks states and arrows; answers the arrows of the last step. */
export function mark<Element extends Markable>(
  states: Iterable<Element>,
  arrows: readonly DrawnArrow<Element>[],
  chart: string,
  { active, before, event, hinted }: Highlight,
): DrawnArrow<Element>[] {
  for (const { dataset, classList } of states) classList.toggle('active', active.includes(dataset['id'] ?? ''));
  const taken = arrowsTaken(arrows, before, event, chart);
  const pointed = arrowsTaken(arrows, active, hinted, chart);
  for (const arrow of arrows) {
    arrow.element.classList.toggle('taken', taken.includes(arrow));
    arrow.element.classList.toggle('hinted', pointed.includes(arrow));
  }
  return taken;
}
