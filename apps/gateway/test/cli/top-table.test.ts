import { describe, expect, it } from 'vitest';
import { ageText, shortState, summaryLine, tableLines } from '../../src/cli/top-table.ts';
import type { ConnectionPage, ConnectionRow } from '../../src/inspection/connection-table.ts';
import type { TotalsSample } from '../../src/inspection/totals.ts';

export const row = (more: Partial<ConnectionRow> = {}): ConnectionRow => ({
  id: 7,
  sessionId: 'connection:7',
  state: 'established(inbound.flowing outbound.choked)',
  phase: 'established',
  protocol: 'websocket',
  peer: '127.0.0.1:5000',
  ageMs: 4200,
  queuedBytes: 1_200_000,
  bytesIn: 0,
  bytesOut: 0,
  rateInBytesPerSecond: 10,
  rateOutBytesPerSecond: 2500,
  topics: ['news', 'a.>'],
  topicCount: 2,
  tags: [],
  name: null,
  ...more,
});
const page = (...connections: ConnectionRow[]): ConnectionPage => ({ total: 5, matched: connections.length, offset: 0, atMs: 0, connections });
const sample = (atMs: number, count: number): TotalsSample => ({
  atMs,
  open: 5,
  byPhase: { established: 4, draining: 1 },
  byProtocol: {},
  closes: {},
  opened: count,
  bytesIn: 1000 * count,
  bytesOut: 2000 * count,
  messagesIn: count,
  messagesOut: 2 * count,
  loopDelayP99Ms: 1.25,
  rssBytes: 150_000_000,
});

describe('the table', () => {
  it('has a column for each thing, the one it is sorted by marked', () => {
    const [head, line] = tableLines(page(row()), 'queued', 200);
    expect(head).toMatch(/^ +ID {2}PROTOCOL +PEER +AGE +QUEUED↓ +OUT\/S +IN\/S +STATE +TOPICS$/);
    expect(line!.trim().split(/ {2,}/)).toEqual(['7', 'websocket', '127.0.0.1:5000', '4.2 s', '1.2 MB', '2.5 kB', '10 B', 'out choked', 'news a.>']);
  });

  it('cuts what is too long, and obeys nothing of what a peer has chosen', () => {
    const lines = tableLines(page(row({ topics: ['\u001b[2Jevil\u0007'], name: 'me', peer: '[2001:db8:1111:2222:3333:4444:5555:6666]:50000' })), 'age', 90);
    expect(lines.every((line) => line.length <= 90)).toBe(true);
    const [, whole] = tableLines(page(row({ topics: ['\u001b[2Jevil\u0007'], name: 'me' })), 'age', 200);
    expect(whole).toMatch(/\(me\) \ufffd\[2Jevil\ufffd$/);
    expect(lines[1]).toContain('[2001:db8:1111:2222:…');
  });

  it.each([
    [0, '0.0 s'],
    [99_900, '99.9 s'],
    [100_000, '2 m'],
    [5_999_000, '100 m'],
    [7_200_000, '2 h'],
    [864_000_000, '10 d'],
  ])('%i ms is %s', (ms, text) => {
    expect(ageText(ms)).toBe(text);
  });

  it.each([
    ['handshake', 'handshake'],
    ['draining.finishing', 'draining.finishing'],
    ['established(inbound.flowing outbound.clear)', 'established'],
    ['established(inbound.quenched outbound.chokedThrottled)', 'in quenched, out chokedThrottled'],
  ])('%s is shown as %s', (label, text) => {
    expect(shortState(label)).toBe(text);
  });
});

describe('the summary', () => {
  it('counts, and has rates as soon as there are two samples', () => {
    expect(summaryLine(page(row()), null, null)).toBe('5 open  1 shown');
    expect(summaryLine(page(row()), sample(1000, 10), null)).toBe('5 open  1 shown  4 established  1 draining');
    expect(summaryLine(page(row()), sample(3000, 30), sample(1000, 10))).toBe(
      '5 open  1 shown  4 established  1 draining  +10/s  in 10.0 kB/s 10 msg/s  out 20.0 kB/s 20 msg/s  loop p99 1.3 ms  RSS 150 MB',
    );
  });
});
