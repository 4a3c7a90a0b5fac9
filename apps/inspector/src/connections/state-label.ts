// A state as a list shows it: what is ordinary is left quiet, what is not stands out.
//
//     established(inbound.flowing outbound.clear)     established
//     established(inbound.flowing outbound.choked)    established · outbound choked

export type Tone = 'good' | 'wait' | 'bad' | 'plain';

export interface StateSummary {
  readonly phase: string;
  /** What is not as usual, in words. */
  readonly remarks: readonly string[];
  readonly tone: Tone;
}

const usual = new Set(['inbound.flowing', 'outbound.clear']);

/** Takes a label of the chart, `established(…)` or `draining.lingering`. */
export function summariseState(label: string): StateSummary {
  const match = /^(?<phase>[^(.]+)(?:\((?<regions>.*)\)|\.(?<inner>.+))?$/.exec(label);
  const phase = match?.groups?.['phase'] ?? label;
  const regions = match?.groups?.['regions']?.split(' ').filter((region) => !usual.has(region)) ?? [];
  const inner = match?.groups?.['inner'];
  const remarks = inner === undefined ? regions.map(describeRegion) : [inner];
  return { phase, remarks, tone: toneOf(phase, regions) };
}

/** `outbound.chokedThrottled`: `outbound choked, throttled`. */
function describeRegion(region: string): string {
  const [name = '', state = ''] = region.split('.');
  return `${name} ${state.replace('Throttled', ', throttled')}`;
}

export function toneOf(phase: string, regions: readonly string[] = []): Tone {
  switch (phase) {
    case 'established':
      return regions.length === 0 ? 'good' : 'wait';
    case 'handshake':
    case 'draining':
      return 'wait';
    case 'writeAndAbort':
      return 'bad';
    default:
      return 'plain';
  }
}
