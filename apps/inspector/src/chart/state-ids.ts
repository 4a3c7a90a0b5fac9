// From XState's state values to the ids of the chart's drawing: `{established: {inbound: 'flowing'}}` of `connection` is
// `connection.established`, `connection.established.inbound`, `connection.established.inbound.flowing`.

import type { StateValue } from '../api/documents.ts';

/** All active states from the outside in, the machine itself left out. */
export function activeStateIds(chart: string, value: StateValue | null): string[] {
  if (value === null) return [];
  if (typeof value === 'string') return [`${chart}.${value}`];
  return Object.entries(value).flatMap(([key, inner]) => {
    const id = `${chart}.${key}`;
    return inner === undefined ? [id] : [id, ...activeStateIds(id, inner)];
  });
}

/** Readable form, as the gateway's own label: `established(inbound.flowing outbound.clear)`. */
export function stateLabel(value: StateValue | null): string {
  if (value === null) return 'not known';
  if (typeof value === 'string') return value;
  return Object.entries(value)
    .map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : `${name}(${stateLabel(inner ?? null)})`))
    .join(' ');
}
