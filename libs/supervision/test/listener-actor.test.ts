import { VirtualClock, TimingWheel, WheelDriver } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { ListenerActor } from '../src/index.ts';

function actor(listenTimeoutMs: number) {
  const clock = new VirtualClock();
  const wheel = new TimingWheel({ startMs: clock.now() });
  const driver = new WheelDriver(wheel, clock, clock);
  const told: string[] = [];
  const listener = new ListenerActor({
    clock,
    wheel,
    listenTimeoutMs,
    onQuiet: () => void told.push(`quiet at ${clock.now()}`),
    onClose: () => void told.push('close'),
  });
  return { clock, wheel, driver, told, listener };
}

describe('ListenerActor', () => {
  it('tells of silence once, and again only after somebody has come', () => {
    const { clock, told, listener } = actor(1000);
    listener.send('BOUND');
    clock.advanceBy(900);
    listener.accepted();
    clock.advanceBy(900);
    expect(told).toEqual([]);
    clock.advanceBy(5000);
    expect(told).toHaveLength(1);
    expect(listener.state.label).toBe('listening.quiet');
    listener.accepted();
    expect(listener.state.label).toBe('listening.active');
    clock.advanceBy(5000);
    expect(told).toHaveLength(2);
  });

  it('has no deadline, and takes no step for an accept, without a time-out', () => {
    const { clock, wheel, told, listener } = actor(0);
    listener.send('BOUND');
    let steps = 0;
    listener.subscribe(() => void steps++);
    listener.accepted();
    expect(wheel.size).toBe(0);
    clock.advanceBy(1e9);
    expect([steps, told]).toEqual([0, []]);
  });

  it('keeps no deadline while it does not listen', () => {
    const { wheel, told, listener } = actor(1000);
    listener.send('BOUND');
    expect(wheel.size).toBe(1);
    listener.send('DIED');
    expect(wheel.size).toBe(0);
    listener.send('RETRY');
    listener.send('BOUND');
    listener.send('STOP');
    expect(wheel.size).toBe(0);
    expect(told).toEqual(['close']);
  });

  it('says whether an event meant anything', () => {
    const { listener } = actor(0);
    expect(listener.send('STOP')).toBe(true);
    expect(listener.send('BOUND')).toBe(false);
    expect(listener.state.phase).toBe('stopped');
  });

  it('is an actor to look at: an id of its own, snapshots, subscribers that can leave', () => {
    const { listener } = actor(0);
    const other = actor(0).listener;
    expect(listener.sessionId).not.toBe(other.sessionId);
    const values: unknown[] = [];
    const subscription = listener.subscribe(({ value }) => values.push(value));
    listener.send('BOUND');
    expect(listener.getSnapshot().value).toEqual({ listening: 'active' });
    listener.send('DIED');
    subscription.unsubscribe();
    listener.send('STOP');
    expect(values).toEqual([{ listening: 'active' }, 'waiting']);
    expect(listener.getSnapshot()).toMatchObject({ value: 'stopped', status: 'done' });
  });

  it('tells an observer of each step, with the event', () => {
    const clock = new VirtualClock();
    const steps: string[] = [];
    const listener = new ListenerActor({
      clock,
      wheel: new TimingWheel({ startMs: clock.now() }),
      listenTimeoutMs: 0,
      onQuiet: () => {},
      onClose: () => {},
      onStep: (actor, from, to, event) => void steps.push(`${actor.sessionId === listener.sessionId} ${from.label} ${event} ${to.label}`),
    });
    listener.send('RETRY');
    listener.send('BOUND');
    listener.send('STOP');
    expect(steps).toEqual(['true starting BOUND listening.active', 'true listening.active STOP stopped']);
  });
});
