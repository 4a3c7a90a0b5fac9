import { streamBucket } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { Throttling } from '../src/throttling.ts';
import { LineSession } from './support/line-session.ts';
import { stage } from './support/stage.ts';

function throttled(inBytesPerSecond: number, outBytesPerSecond: number) {
  const staged = stage({ session: (pool) => new LineSession(pool) });
  staged.endpoint.arrive('hello\n');
  staged.turn();
  const { connection, session, endpoint, clock } = staged;
  const settings = { inBytesPerSecond, outBytesPerSecond };
  return { connection, session, endpoint, clock, throttling: new Throttling(settings, connection) };
}

describe('rates', () => {
  it('are those of the settings until they are changed', () => {
    const { throttling } = throttled(0, 1000);
    expect([throttling.rate('in'), throttling.rate('out')]).toEqual([0, 1000]);
    throttling.setRate('in', 50);
    throttling.setRate('out', 0);
    expect([throttling.rate('in'), throttling.rate('out')]).toEqual([50, 0]);
    expect(throttling.isOver).toBe(false);
    throttling.setRate('in', 0);
    expect(throttling.isOver).toBe(true);
  });
});

describe('inbound', () => {
  it('is held when nothing is left, and stays so at another rate that is too low', () => {
    const { throttling, connection, clock } = throttled(1000, 0);
    throttling.spend(100);
    expect(throttling.inHeld).toBe(false);
    throttling.spend(5000);
    expect(throttling.inHeld).toBe(true);
    clock.advanceBy(300);
    expect([throttling.takeHeldMs(), throttling.takeHeldMs()]).toEqual([300, 0]);
    expect(connection.state.label).toContain('inbound.throttled');
    throttling.setRate('in', 2000);
    expect(throttling.inHeld).toBe(true);
    clock.advanceBy(200);
    throttling.setRate('in', 0);
    clock.advanceBy(100);
    expect([throttling.inHeld, throttling.takeHeldMs()]).toEqual([false, 200]);
  });
});

describe('outbound', () => {
  it('hands out what is allowed, says whether the peer was in time, and holds the rest', () => {
    const { throttling, session, endpoint, connection, clock } = throttled(0, 1000);
    session.say('x'.repeat(999));
    expect(throttling.handOut()).toBe(true);
    expect(endpoint.sent).toHaveLength(6 + 250);
    expect(throttling.outHeld).toBe(true);
    expect(connection.state.label).toContain('outbound.throttled');
    expect(throttling.handOut()).toBe(false);
    endpoint.capacity = 0;
    clock.advanceBy(250);
    throttling.outHeld = false;
    expect(throttling.handOut()).toBe(true);
    clock.advanceBy(250);
    throttling.outHeld = false;
    // The last portion lies there untaken.
    expect(throttling.handOut()).toBe(false);
    expect(endpoint.queuedBytes).toBeGreaterThan(125);
  });

  it('does not say so of what nothing held back: a silent peer is still asked for a sign of life', () => {
    const { throttling, session } = throttled(0, 1000);
    session.say('x');
    expect(throttling.handOut()).toBe(false);
    expect(throttling.roomToTell).toBe(false);
  });

  it('has no room to tell of where nothing has moved: a stream without bytes', () => {
    const { connection, session, clock } = throttled(0, 0);
    connection.setThrottle('out', 1000);
    session.output.append(streamBucket({ read: () => 0, onReadable() {}, close() {} }));
    let flushes = 0;
    const flush = connection.flush.bind(connection);
    connection.flush = () => {
      if (++flushes > 9) throw new Error('it goes round and round');
      flush();
    };
    connection.requestFlush();
    clock.advanceBy(0);
    expect(flushes).toBeGreaterThan(0);
    expect(session.events).not.toContain('(writable)');
  });
});

it('tells the chart again where a change of state has disarmed a deadline', () => {
  const { throttling, connection, session, clock } = throttled(0, 1000);
  session.say('x'.repeat(999));
  throttling.handOut();
  connection.send('FAIL');
  expect(connection.state.phase).toBe('writeAndAbort');
  throttling.report();
  expect(connection.state.phase).toBe('writeAndAbort');
  expect(clock.now()).toBe(0);
});
