import { describe, expect, it } from 'vitest';
import { InspectLines, timeText, valueText } from '../../src/cli/inspect-lines.ts';

const gauges = {
  atMs: 0,
  queuedBytes: 1000,
  allowanceBytes: 9000,
  heldBytes: 5,
  rateInBytesPerSecond: 1,
  rateOutBytesPerSecond: 2,
  throttleInBytesPerSecond: 0,
  throttleOutBytesPerSecond: 4000,
  timers: [{ name: 'idle', leftMs: 1234 }],
};

describe('InspectLines', () => {
  const step = (type: string, more: object = {}) => ({ type, sessionId: 'connection:1', createdAt: '0', ...more });

  it('has a line for a state, with the event that led there', () => {
    const lines = new InspectLines('connection:1');
    expect(lines.lineOf('inspection', step('@xstate.actor', { snapshot: { value: 'handshake' } }))).toMatch(/ {2}is +handshake$/);
    expect(lines.lineOf('inspection', step('@xstate.event', { event: { type: 'DRAIN' } }))).toBeNull();
    expect(lines.lineOf('inspection', step('@xstate.snapshot', { event: { type: 'DRAIN' }, snapshot: { value: { draining: 'finishing' } } }))).toMatch(/ {2}DRAIN +draining\.finishing$/);
    expect(lines.lineOf('inspection', { ...step('@xstate.actor'), sessionId: 'gateway', snapshot: {} })).toBeNull();
    expect(lines.lineOf('else', {})).toBeNull();
  });

  it('has a line for gauges that have changed, not for time that has passed', () => {
    const lines = new InspectLines('connection:1');
    expect(lines.lineOf('gauges', gauges)).toMatch(/ {2}queued 1\.0 kB of 10\.0 kB {2}unread 5 B {2}in 1 B\/s {2}out 2 B\/s {2}out at most 4\.0 kB\/s {2}idle 1\.2 s$/);
    expect(lines.lineOf('gauges', { ...gauges, atMs: 500, timers: [{ name: 'idle', leftMs: 734 }] })).toBeNull();
    expect(lines.lineOf('gauges', { ...gauges, queuedBytes: 0, allowanceBytes: 10_000, throttleInBytesPerSecond: 1 })).toContain('queued 0 B of 10.0 kB');
  });

  it('tells what is lost, and why it closed', () => {
    const lines = new InspectLines('connection:1');
    expect(lines.lineOf('lost', { count: 12 })?.trim()).toBe('12 events lost: this reader is too slow');
    expect(lines.lineOf('closed', { reason: 'idle\u001bTimeout' })?.trim()).toBe('closed: idle\ufffdTimeout');
  });
});

it('valueText writes states as lists do', () => {
  expect(valueText({ established: { inbound: 'flowing', outbound: { a: 'b' } } })).toBe('established(inbound.flowing outbound(a.b))');
  expect([valueText('closed'), valueText(null)]).toEqual(['closed', '?']);
});

it('timeText has milliseconds', () => {
  expect(timeText(new Date(2020, 1, 2, 3, 4, 5, 6).getTime())).toBe('03:04:05.006');
});
