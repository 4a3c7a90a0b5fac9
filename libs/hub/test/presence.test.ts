import { describe, expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

describe('presence', () => {
  it('lists who is subscribed, each once, also through wildcards', () => {
    const { hub, clock } = makeHub();
    const ann = hub.join(new Recorder('ann', { name: 'Ann' }));
    const bob = hub.join(new Recorder('bob'));
    hub.join(new Recorder('cid')).subscribe('other');
    const began = clock.wallMs;
    ann.addTag('vip');
    ann.subscribe('room.*');
    clock.wallMs += 5;
    ann.subscribe('room.one');
    bob.subscribe('>');
    const { members, ...rest } = hub.presence('room.one');
    expect(rest).toEqual({ subscriptions: 3, complete: true });
    expect(members.toSorted((x, y) => x.id.localeCompare(y.id))).toEqual([
      { id: 'ann', info: { name: 'Ann' }, tags: ['vip'], sinceMs: began },
      { id: 'bob', info: null, tags: [], sinceMs: began + 5 },
    ]);
    bob.leave();
    expect(hub.presence('room.one').members.map(({ id }) => id)).toEqual(['ann']);
    expect(hub.presence('room').members).toEqual([]);
  });

  it('is bounded, and says so', () => {
    const { hub, publish } = makeHub();
    for (let i = 0; i < 500; i++) hub.join(new Recorder(String(i))).subscribe(i % 2 === 0 ? 't' : '*');
    publish('t');
    expect(hub.presence('t')).toMatchObject({ subscriptions: 500, complete: false });
    expect(hub.presence('t').members).toHaveLength(100);
    expect(hub.presence('t', 500)).toMatchObject({ complete: true });
    expect(hub.presence('t', 500).members).toHaveLength(500);
    expect(hub.presenceCount('t')).toBe(500);
  });

  it('does not make a topic by asking, and refuses what is none', () => {
    const { hub } = makeHub();
    expect(hub.presenceCount('nobody.here')).toBe(0);
    expect(hub.stats().topics).toBe(0);
    expect(() => hub.presence('a.*')).toThrow(expect.objectContaining({ code: 'wildcardInTopic' }));
  });

  it('leaves out who has left during a delivery', () => {
    const { hub, publish } = makeHub();
    const recorder = new Recorder();
    const other = hub.join(new Recorder('other'));
    hub.join(recorder).subscribe('t');
    other.subscribe('t');
    let seen: string[] = [];
    recorder.onDeliver = () => {
      other.leave();
      seen = hub.presence('t').members.map(({ id }) => id);
    };
    publish('t');
    expect(seen).toEqual(['r']);
  });
});
