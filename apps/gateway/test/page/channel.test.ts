import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pageModule, type ChannelLike, type Report } from './modules.ts';

const { Channel } = await pageModule('channel');
const { Position } = await pageModule('position');

interface Attempt {
  readonly since: string | null;
  readonly report: Report;
  closed: boolean;
}

/** A channel over a source that does as the test says, and everything it told its listener. */
function opened() {
  const attempts: Attempt[] = [];
  const told: string[] = [];
  const channel: ChannelLike = new Channel(
    {
      address: (topic) => topic,
      connect(_, since, report) {
        const attempt: Attempt = { since, report, closed: false };
        attempts.push(attempt);
        return { close: () => void (attempt.closed = true), send: () => true };
      },
    },
    {
      state: ({ state }) => void told.push(state.name),
      message: ({ offset }) => void told.push(`#${offset}`),
      gap: ({ missed, reason }) => void told.push(`gap ${missed} ${reason}`),
    },
  );
  channel.start('news', new Position());
  attempts[0]?.report.opened();
  return { channel, attempts, told, message: (attempt: number, offset: number) => attempts[attempt]?.report.message({ epoch: 'e', offset, text: '' }) };
}

describe('a channel', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('comes back after a loss, from where it was', () => {
    const { channel, attempts, told, message } = opened();
    message(0, 1);
    message(0, 2);
    attempts[0]?.report.lost('broke', false);
    expect(channel.state).toMatchObject({ name: 'waiting', reason: 'broke' });
    expect(channel.state.retryAtMs).toBeGreaterThan(Date.now());
    vi.advanceTimersByTime(500);
    expect(attempts.map(({ since }) => since)).toEqual([null, 'e:2']);
    attempts[1]?.report.opened();
    message(1, 2);
    message(1, 3);
    expect(told).toEqual(['connecting', 'open', '#1', '#2', 'waiting', 'connecting', 'open', '#3']);
  });

  it('waits longer each time, and short again after a steady connection', () => {
    const { channel, attempts } = opened();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 6; attempt++) {
      attempts[attempt]?.report.lost('broke', false);
      waits.push(channel.state.retryAtMs - Date.now());
      vi.advanceTimersByTime(waits.at(-1) ?? 0);
    }
    expect(waits[5]).toBeGreaterThan(7000);
    attempts[6]?.report.opened();
    vi.advanceTimersByTime(3000);
    attempts[6]?.report.lost('broke', false);
    expect(channel.state.retryAtMs - Date.now()).toBeLessThanOrEqual(500);
  });

  it('does not come back before the server wants it to', () => {
    const { channel, attempts } = opened();
    attempts[0]?.report.lost('the server is going away (1001)', false, 4321);
    expect(channel.state.retryAtMs - Date.now()).toBe(4321);
    vi.advanceTimersByTime(4320);
    expect(attempts).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(attempts).toHaveLength(2);
  });

  it('listens no more to a connection that it gave up', () => {
    const { channel, attempts, told, message } = opened();
    channel.stop('by you');
    expect(attempts[0]?.closed).toBe(true);
    message(0, 1);
    attempts[0]?.report.lost('broke', false);
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual(['connecting', 'open', 'closed']);
    expect(attempts).toHaveLength(1);
  });

  it('does not come back from what would only happen again', () => {
    const { channel, attempts } = opened();
    attempts[0]?.report.lost('not allowed (1008)', true);
    vi.advanceTimersByTime(60_000);
    expect(channel.state).toMatchObject({ name: 'closed', reason: 'not allowed (1008)' });
    expect(attempts).toHaveLength(1);
    channel.reconnect();
    expect(attempts).toHaveLength(2);
  });

  it('tells a gap once, whoever noticed it', () => {
    const { attempts, told, message } = opened();
    message(0, 1);
    message(0, 5);
    attempts[0]?.report.gap({ missed: 2, reason: 'dropped' });
    message(0, 8);
    expect(told.slice(2)).toEqual(['#1', 'gap 3 unknown', '#5', 'gap 2 dropped', '#8']);
  });

  it('sends only while it is open', () => {
    const { channel, attempts } = opened();
    expect(channel.send('x')).toBe(true);
    attempts[0]?.report.lost('broke', false);
    expect(channel.send('x')).toBe(false);
  });

  it('leaves reconnecting to a source that does it itself', () => {
    const { channel, attempts } = opened();
    attempts[0]?.report.retrying('broke');
    vi.advanceTimersByTime(60_000);
    expect(channel.state.name).toBe('retrying');
    expect(attempts).toHaveLength(1);
    attempts[0]?.report.opened();
    expect(channel.state.name).toBe('open');
  });
});
