import { describe, expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

function behind(options: Parameters<typeof makeHub>[0], pattern: string, topics: readonly string[]): ReturnType<typeof makeHub> & { recorder: Recorder; resume(): void } {
  const bench = makeHub(options);
  const recorder = new Recorder();
  const subscription = bench.hub.join(recorder).subscribe(pattern);
  recorder.window = 0;
  for (const topic of topics) bench.publish(topic);
  recorder.window = Infinity;
  return { ...bench, recorder, resume: () => subscription.resume() };
}

describe('dropOldest', () => {
  it('goes on where it stopped while the log lasts', () => {
    const { recorder, resume, publish } = behind({ slow: 'dropOldest' }, 't', ['t', 't', 't']);
    expect(recorder.log).toEqual([]);
    resume();
    publish('t');
    expect(recorder.log).toEqual(['t:1', 't:2', 't:3', 't:4']);
  });

  it('tells how many the log has lost, and from where it goes on', () => {
    const { hub, recorder, resume } = behind({ slow: 'dropOldest', history: { maxCount: 2 } }, 't', ['t', 't', 't', 't', 't']);
    resume();
    expect(recorder.log).toEqual(['gap:dropped:3', 't:4', 't:5']);
    expect(recorder.gaps[0]).toMatchObject({ topic: 't', oldestOffset: 4, epoch: hub.history('t').epoch });
    expect(hub.stats().dropped).toBe(3);
  });

  it('holds nothing for whoever lags: memory is the log, however many wait', () => {
    const { hub, pool, publish } = makeHub({ slow: 'dropOldest', history: { maxCount: 10 } });
    for (let i = 0; i < 100; i++) {
      const recorder = new Recorder();
      recorder.window = 0;
      hub.join(recorder).subscribe(i % 2 === 0 ? 't' : '>');
    }
    for (let i = 0; i < 1000; i++) publish('t', 'x'.repeat(100));
    expect(pool.outstanding().bytes).toBe(1000);
  });

  it('counts what a forgotten topic had', () => {
    const { hub, clock, recorder, resume, publish } = behind({ slow: 'dropOldest', history: { maxAgeMs: 10 }, limits: { topicIdleMs: 10 } }, 't', ['t', 't']);
    clock.nowMs += 100;
    hub.sweep();
    expect(hub.stats().topics).toBe(0);
    publish('t');
    resume();
    expect(recorder.log).toEqual(['gap:dropped:2', 't:3']);
  });

  it('tells what was lost even when nothing is left to deliver', () => {
    const { recorder, resume, publish } = behind({ slow: 'dropOldest', history: { maxCount: 0 } }, 't', ['t', 't']);
    resume();
    publish('t');
    expect(recorder.log).toEqual(['gap:dropped:2', 't:3']);
  });

  it('tells what the log loses during the replay itself', () => {
    const { recorder, resume, publish } = behind({ slow: 'dropOldest', history: { maxCount: 3 } }, 't', ['t', 't', 't']);
    recorder.onDeliver = (publication) => {
      if (publication.offset === 1) {
        publish('t');
        publish('t');
      }
    };
    resume();
    expect(recorder.log).toEqual(['t:1', 'gap:dropped:1', 't:3', 't:4', 't:5']);
  });
});

describe('conflate', () => {
  it('gives the latest only, and says how many it passed over', () => {
    const { recorder, resume } = behind({ slow: 'conflate' }, 't', ['t', 't', 't']);
    resume();
    expect(recorder.log).toEqual(['gap:conflated:2', 't:3']);
    expect(recorder.gaps[0]).toMatchObject({ topic: 't', missed: 2 });
  });

  it('counts what the log has lost and what it passed over as one', () => {
    const { recorder, resume } = behind({ slow: 'conflate', history: { maxCount: 2 } }, 't', ['t', 't', 't', 't']);
    resume();
    expect(recorder.log).toEqual(['gap:conflated:3', 't:4']);
  });

  it('counts what the log loses during the replay, with what was passed over before it', () => {
    const { hub, recorder, resume, publish } = behind({ slow: 'conflate', history: { maxCount: 2 } }, 'p.*', ['p.a', 'p.b', 'p.b']);
    recorder.onDeliver = (publication) => {
      if (publication.topic !== 'p.a') return;
      publish('p.b');
      publish('p.b');
    };
    resume();
    expect(recorder.log).toEqual(['p.a:1', 'gap:conflated:2', 'p.b:3', 'p.b:4']);
    expect(hub.stats().dropped).toBe(2);
  });

  it('gives the latest of each topic to a wildcard, in order', () => {
    const { recorder, resume } = behind({ slow: 'conflate' }, 'p.*', ['p.a', 'p.b', 'p.a', 'p.c', 'p.b', 'p.d']);
    resume();
    expect(recorder.log).toEqual(['gap:conflated:1', 'p.a:2', 'p.c:1', 'gap:conflated:1', 'p.b:2', 'p.d:1']);
  });
});

describe('disconnect', () => {
  it('evicts who refuses, with everything it has', () => {
    const { hub, recorder, publish } = behind({}, 't', ['t']);
    expect(recorder.log).toEqual(['evict:slowConsumer']);
    publish('t');
    expect(recorder.log).toHaveLength(1);
    expect(hub.stats()).toMatchObject({ subscriptions: 0, members: 0, evicted: 1 });
  });

  it('lets who is catching up take its time, until the log overruns it', () => {
    const { hub, publish } = makeHub({ history: { maxCount: 3 } });
    const { epoch } = publish('t');
    publish('t');
    publish('t');
    const recorder = new Recorder();
    recorder.window = 1;
    const subscription = hub.join(recorder).subscribe('t', { since: { epoch, offset: 0 } });
    expect(subscription.state).toBe('catchingUp');
    publish('t');
    expect(subscription.state).toBe('catchingUp');
    publish('t');
    expect(recorder.log).toEqual(['t:1', 'evict:gap']);
  });

  it('evicts a wildcard that was overrun when it resumes', () => {
    const { hub, publish } = makeHub({ history: { maxCount: 3 } });
    publish('a.b');
    const recorder = new Recorder();
    recorder.window = 0;
    const subscription = hub.join(recorder).subscribe('a.*', { since: { epoch: hub.epoch, offset: 0 } });
    for (let i = 0; i < 3; i++) publish('a.b');
    recorder.window = 10;
    subscription.resume();
    expect(recorder.log).toEqual(['evict:gap']);
  });

  it('evicts a catching-up subscriber whose topic lost everything', () => {
    const { hub, clock, publish } = makeHub({ history: { maxAgeMs: 10 } });
    const { epoch } = publish('t');
    const recorder = new Recorder();
    recorder.window = 0;
    const subscription = hub.join(recorder).subscribe('t', { since: { epoch, offset: 0 } });
    clock.nowMs += 11;
    subscription.resume();
    expect(recorder.log).toEqual(['evict:gap']);
  });
});

describe('a subscriber that was away', () => {
  it('receives each of 10,000 publications once and in order, whenever it is killed', () => {
    const { hub, publish } = makeHub({ history: { maxCount: 10_000, maxBytes: Infinity } });
    const received: number[] = [];
    let position = hub.position;
    let member = hub.join(new Recorder());
    let seed = 42;
    for (let i = 1; i <= 10_000; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      if (seed % 100 === 0) member.leave();
      if (member.left ? seed % 7 === 0 : i === 1) {
        const recorder = new Recorder();
        recorder.onDeliver = (publication): void => {
          received.push(publication.offset);
          position = { epoch: publication.epoch, offset: publication.offset };
        };
        member.leave();
        member = hub.join(recorder);
        member.subscribe('t', { since: position });
      }
      publish('t');
    }
    member.leave();
    const last = new Recorder();
    last.onDeliver = (publication) => received.push(publication.offset);
    hub.join(last).subscribe('t', { since: position });
    expect(last.gaps).toEqual([]);
    expect(received).toEqual(Array.from({ length: 10_000 }, (_unused, i) => i + 1));
  });
});
