// The arrows of a chart, as its drawing names them, and which of them a step took.

export interface Arrow {
  readonly source: string;
  readonly target: string;
  readonly events: readonly string[];
}

/** Which arrows an event takes from the active states: of the innermost that have one for it (SCXML, section 3.13). */
export function arrowsTaken<One extends Arrow>(arrows: readonly One[], active: readonly string[], event: string | null, chart: string): One[] {
  if (event === null) return [];
  const candidates = arrows.filter(({ source, events }) => (source === chart || active.includes(source)) && events.includes(event));
  return candidates.filter(({ source }) => !candidates.some((other) => other.source !== source && isInside(other.source, source)));
}

/** Events that lead somewhere from the active states, in the drawing's order. */
export function possibleEvents(arrows: readonly Arrow[], active: readonly string[], chart: string): string[] {
  if (active.length === 0) return [];
  const leading = arrows.filter(({ source, target }) => active.includes(source) || (source === chart && !active.includes(target)));
  return [...new Set(leading.flatMap(({ events }) => events))];
}

function isInside(id: string, ancestor: string): boolean {
  return id.startsWith(`${ancestor}.`);
}
