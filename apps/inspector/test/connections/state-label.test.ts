import { describe, expect, it } from 'vitest';
import { summariseState } from '../../src/connections/state-label.ts';

describe('a state in a list', () => {
  it.each([
    ['handshake', 'handshake', [], 'wait'],
    ['established(inbound.flowing outbound.clear)', 'established', [], 'good'],
    ['established(inbound.flowing outbound.choked)', 'established', ['outbound choked'], 'wait'],
    ['established(inbound.quenchedThrottled outbound.chokedThrottled)', 'established', ['inbound quenched, throttled', 'outbound choked, throttled'], 'wait'],
    ['draining.lingering', 'draining', ['lingering'], 'wait'],
    ['writeAndAbort.flushing', 'writeAndAbort', ['flushing'], 'bad'],
    ['closed', 'closed', [], 'plain'],
  ])('%s', (label, phase, remarks, tone) => expect(summariseState(label)).toEqual({ phase, remarks, tone }));
});
