// What `sluice inspect` prints for each event of a connection: a line with the time, what happened, and where that led.

import { printable } from '../client/printable.ts';
import { byteText } from '../client/progress.ts';

interface StateJson {
  readonly value: unknown;
  readonly status: string;
}

interface Gauges {
  readonly atMs: number;
  readonly queuedBytes: number;
  readonly allowanceBytes: number;
  readonly heldBytes: number;
  readonly rateInBytesPerSecond: number;
  readonly rateOutBytesPerSecond: number;
  readonly throttleInBytesPerSecond: number;
  readonly throttleOutBytesPerSecond: number;
  readonly timers: readonly { readonly name: string; readonly leftMs: number }[];
}

interface InspectionEvent {
  readonly type: string;
  readonly sessionId: string;
  readonly createdAt: string;
  readonly event?: { readonly type: string };
  readonly snapshot?: StateJson;
}

export class InspectLines {
  readonly #sessionId: string;
  #last = '';

  /** `sessionId` of the connection: its parents are introduced too, and not printed. */
  constructor(sessionId: string) {
    this.#sessionId = sessionId;
  }

  /** The line for an event of the stream; null for one that tells nothing new. */
  lineOf(name: string, data: unknown): string | null {
    if (name === 'inspection') return this.#step(data as InspectionEvent);
    if (name === 'gauges') return this.#gauges(data as Gauges);
    if (name === 'lost') return `              ${(data as { count: number }).count} events lost: this reader is too slow`;
    if (name === 'closed') return `              closed: ${printable((data as { reason: string }).reason)}`;
    return null;
  }

  #step({ type, sessionId, createdAt, event, snapshot }: InspectionEvent): string | null {
    if (sessionId !== this.#sessionId || snapshot === undefined) return null;
    const what = type === '@xstate.actor' ? 'is' : printable(event?.type ?? '');
    return `${timeText(Number(createdAt))}  ${what.padEnd(20)} ${printable(valueText(snapshot.value))}`;
  }

  /** Only where something besides the time has changed. */
  #gauges({ atMs, timers, ...gauges }: Gauges): string | null {
    const throttle = (name: string, rate: number): string => (rate === 0 ? '' : `  ${name} at most ${byteText(rate)}/s`);
    const text =
      `queued ${byteText(gauges.queuedBytes)} of ${byteText(gauges.queuedBytes + gauges.allowanceBytes)}  unread ${byteText(gauges.heldBytes)}` +
      `  in ${byteText(gauges.rateInBytesPerSecond)}/s  out ${byteText(gauges.rateOutBytesPerSecond)}/s` +
      throttle('in', gauges.throttleInBytesPerSecond) +
      throttle('out', gauges.throttleOutBytesPerSecond);
    if (text === this.#last) return null;
    this.#last = text;
    const due = timers.map(({ name, leftMs }) => `${printable(name)} ${(leftMs / 1000).toFixed(1)} s`).join('  ');
    return `${timeText(atMs)}  ${text}${due === '' ? '' : `  ${due}`}`;
  }
}

/** `12:34:56.789`, in local time. */
export function timeText(epochMs: number): string {
  const date = new Date(epochMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** XState's form of a state as a line: `established(inbound.flowing outbound.clear)`. */
export function valueText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value !== 'object' || value === null) return '?';
  return Object.entries(value)
    .map(([name, inner]) => (typeof inner === 'string' ? `${name}.${inner}` : `${name}(${valueText(inner)})`))
    .join(' ');
}
