import { describe, expect, it } from 'vitest';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';

const open = (options: Omit<StageOptions<LineSession>, 'session'> = {}) =>
  stage({ ...options, session: (pool) => new LineSession(pool) });

describe('a deadline of one connection', () => {
  it('may be set on one connection: it begins anew, here and whenever it is armed again', () => {
    const { connection, clock, endpoint, session } = open();
    endpoint.arrive('hello\n');
    connection.setTimeout('idle', 5000);
    clock.advanceBy(4900);
    endpoint.arrive('more\n');
    clock.advanceBy(4900);
    expect(session.probes).toBe(0);
    clock.advanceBy(200);
    expect(session.probes).toBe(1);
  });

  it('may be taken back, for good', () => {
    const { connection, clock, endpoint, session, wheel } = open({ timeouts: { sustainTimeoutMs: 2000 } });
    endpoint.arrive('hello\n');
    connection.cancelTimeout('idle');
    connection.cancelTimeout('sustain');
    endpoint.arrive('more\n');
    clock.advanceBy(100_000);
    expect(session.probes).toBe(0);
    expect(connection.state.phase).toBe('established');
    expect(wheel.size).toBe(0);
  });

  it.each([
    ['handshake', 'handshakeTimeout', ''],
    ['sustain', 'sustainTimeout', 'hello\n'],
    ['idle', 'idleTimeout', 'hello\n'],
  ] as const)('%s ends the connection with its own reason', (name, reason, text) => {
    const { connection, clock, endpoint, session } = open();
    if (text !== '') endpoint.arrive(text);
    session.probes = 1;
    connection.setTimeout(name, 300);
    clock.advanceBy(400);
    expect(connection.reason).toBe(reason);
  });

  it('set while a request is awaited, begins anew and holds for that request', () => {
    const { connection, clock, endpoint } = open();
    endpoint.arrive('hello\n');
    connection.awaitRequest();
    connection.setTimeout('handshake', 300);
    expect(connection.armedTimers()).toContainEqual({ name: 'handshake', leftMs: 300 });
    clock.advanceBy(400);
    expect(connection.reason).toBe('handshakeTimeout');
  });

  it('idle is not held against a peer that has taken everything while our throttle holds back the rest', () => {
    const { connection, clock, endpoint, session } = open({ throttles: { outBytesPerSecond: 10_000 } });
    endpoint.arrive('hello\n');
    session.say('x'.repeat(5000));
    connection.requestFlush();
    clock.advanceBy(0);
    connection.setThrottle('out', 100);
    clock.advanceBy(5000);
    expect(endpoint.queuedBytes).toBe(0);
    expect([session.probes, connection.state.phase]).toEqual([0, 'established']);
  });

  it('close bounds the end, as it was set', () => {
    const { connection, clock, endpoint } = open();
    endpoint.arrive('hello\n');
    connection.setTimeout('close', 200);
    connection.drain();
    clock.advanceBy(250);
    expect(endpoint.closed).toBe('abort');
  });

  it('counts the age from the beginning, however late it is limited', () => {
    const { connection, clock, endpoint } = open();
    endpoint.arrive('hello\n');
    connection.cancelTimeout('idle');
    clock.advanceBy(800);
    connection.setTimeout('sustain', 1000);
    expect(connection.armedTimers()).toEqual([{ name: 'sustain', leftMs: 200 }]);
  });
});
