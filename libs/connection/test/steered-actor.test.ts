import { describe, expect, it } from 'vitest';
import { LineSession } from './support/line-session.ts';
import { stage, type StageOptions } from './support/stage.ts';

const open = (options: Omit<StageOptions<LineSession>, 'session'> = {}) => stage({ ...options, session: (pool) => new LineSession(pool) });

describe('what a session asks for', () => {
  it('is an event of the chart, with the first reason given', () => {
    const { connection, endpoint, turn, steps, closes } = open();
    connection.established();
    connection.established();
    connection.finish('served');
    connection.finish('drained');
    connection.done();
    turn();
    endpoint.end();
    expect(steps.map((step) => step.split(' ')[0])).toEqual(['HANDSHAKE.DONE', 'DRAIN', 'FLUSHED', 'INBOUND.END']);
    expect(closes).toEqual(['served']);
  });

  it('has a deadline for a request that begins, until it is complete', () => {
    const { connection } = open();
    connection.established();
    const names = () => connection.armedTimers().map(({ name }) => name);
    connection.awaitRequest();
    expect(names()).toContain('handshake');
    connection.requestComplete();
    expect(names()).not.toContain('handshake');
  });

  it('is nothing to a connection that has closed', () => {
    const { connection, steps } = open();
    connection.abort();
    const before = steps.length;
    connection.established();
    connection.fail('protocolError');
    connection.drain();
    expect([steps.length - before, connection.reason]).toEqual([0, 'aborted']);
  });
});

describe("an operator's hold", () => {
  const inbound = ({ connection }: ReturnType<typeof open>) => /inbound\.(\w+)/.exec(connection.state.label)?.[1];

  it('stops reading at once, whatever the session has room for, until it is lifted', () => {
    const scene = open();
    const { endpoint, session, connection, turn } = scene;
    endpoint.arrive('hello\nwait\nheld\n');
    expect(connection.quench()).toBe(true);
    expect(connection.isQuenched).toBe(true);
    session.unblock();
    turn();
    expect([inbound(scene), endpoint.reading, session.events]).toEqual(['quenched', false, ['hello', 'wait']]);
    expect(connection.resume()).toBe(true);
    expect([inbound(scene), endpoint.reading, session.events]).toEqual(['flowing', true, ['hello', 'wait', 'held']]);
    expect(connection.resume()).toBe(false);
  });

  it('is not outlived by what the session waits for', () => {
    const scene = open();
    scene.endpoint.arrive('hello\n');
    scene.connection.quench();
    scene.connection.resume();
    scene.endpoint.arrive('wait\nbehind\n');
    scene.connection.quench();
    scene.connection.resume();
    expect([inbound(scene), scene.session.events]).toEqual(['quenched', ['hello', 'wait']]);
    scene.session.unblock();
    expect([inbound(scene), scene.session.events.at(-1)]).toEqual(['flowing', 'behind']);
  });

  it('holds beside a throttle, and each ends by itself', () => {
    const scene = open({ throttles: { inBytesPerSecond: 1000 } });
    const { connection, endpoint, clock } = scene;
    endpoint.arrive(`hello\n${'x'.repeat(2000)}\n`);
    connection.quench();
    expect(inbound(scene)).toBe('quenchedThrottled');
    clock.advanceBy(60_000);
    expect([inbound(scene), endpoint.reading]).toEqual(['quenched', false]);
    connection.resume();
    expect([inbound(scene), endpoint.reading]).toEqual(['flowing', true]);
  });

  it('is not held against the peer: it is not idle while nothing of it is read', () => {
    const { endpoint, session, connection, clock } = open();
    endpoint.arrive('hello\n');
    connection.quench();
    clock.advanceBy(10_000);
    expect([connection.state.phase, session.probes]).toEqual(['established', 0]);
    connection.resume();
    clock.advanceBy(10_000);
    expect([connection.reason, session.probes]).toEqual(['idleTimeout', 2]);
  });

  it('is only possible while something is read: not before the greeting, not when it ends', () => {
    const { endpoint, connection } = open();
    expect(connection.quench()).toBe(false);
    endpoint.arrive('hello\n');
    expect(connection.quench()).toBe(true);
    expect(connection.quench()).toBe(true);
    connection.drain();
    expect(connection.quench()).toBe(false);
    expect(endpoint.reading).toBe(true);
    connection.abort();
    expect([connection.quench(), connection.resume()]).toEqual([false, false]);
  });
});
