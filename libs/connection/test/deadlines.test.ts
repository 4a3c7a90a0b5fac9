import { deadlineNames } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { delayOf, isTimed, type Phase } from '../src/index.ts';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';

const open = (options: Omit<StageOptions<LineSession>, 'session'> = {}) =>
  stage({ ...options, session: (pool) => new LineSession(pool) });

describe('the deadlines of a connection', () => {
  it('are ten by name; one that is established and quiet has two, and reads', () => {
    expect(deadlineNames).toHaveLength(10);
    const { endpoint, connection } = open({ timeouts: { sustainTimeoutMs: 60_000 } });
    expect(connection.armedTimers().map(({ name }) => name)).toEqual(['sustain', 'handshake']);
    endpoint.arrive('hello\n');
    expect(connection.armedTimers()).toEqual([
      { name: 'idle', leftMs: 1000 },
      { name: 'sustain', leftMs: 60_000 },
    ]);
    expect(connection.wantRead).toBe(true);
  });

  it('say how much time is left', () => {
    const { connection, clock } = open({ timeouts: { handshakeTimeoutMs: 500 } });
    clock.advanceBy(120);
    expect(connection.armedTimers()).toEqual([{ name: 'handshake', leftMs: 380 }]);
    connection.abort();
    expect(connection.armedTimers()).toEqual([]);
  });
});

describe('the settings', () => {
  const timeouts = { handshakeTimeoutMs: 1, requestTimeoutMs: 2, sustainTimeoutMs: 3, closeTimeoutMs: 4 };

  it('give each deadline its delay; a handshake’s depends on the phase, and the throttles have none', () => {
    const delays = (phase: Phase) => deadlineNames.map((name) => delayOf(name, phase, timeouts, 5));
    expect(delays('handshake')).toEqual([5, 3, 0, 0, 0, 0, 0, 4, 1, 0]);
    expect(delays('established')).toEqual([5, 3, 0, 0, 0, 0, 0, 4, 2, 0]);
  });

  it('apply where the deadline runs', () => {
    const names = ['handshake', 'idle', 'sustain', 'close'] as const;
    const running = (phase: Phase) => names.filter((name) => isTimed(name, phase));
    expect(running('handshake')).toEqual(['handshake', 'sustain']);
    expect(running('established')).toEqual(['idle', 'sustain']);
    expect(running('draining')).toEqual(['sustain', 'close']);
    expect(running('writeAndAbort')).toEqual(['sustain', 'close']);
    expect(running('closed')).toEqual([]);
  });
});
