import { describe, expect, it } from 'vitest';
import { makeHub, Recorder, textOf } from './recorder.ts';

describe('fan-out', () => {
  it('reaches every subscription that matches, once each', () => {
    const { hub, publish } = makeHub();
    const recorder = new Recorder();
    const patterns = ['a.b', 'a.*', '>', 'a.b', 'b'];
    const member = hub.join(recorder);
    const reached: string[] = [];
    recorder.onDeliver = (_publication, subscription) => void reached.push(subscription?.pattern ?? '');
    for (const pattern of patterns) member.subscribe(pattern);
    publish('a.b');
    expect(reached.toSorted()).toEqual(['>', 'a.*', 'a.b', 'a.b']);
    expect(hub.stats().deliveries).toBe(4);
  });

  it('hands over the payload as it was published, though the publisher changes its buffer', () => {
    const { hub } = makeHub();
    const texts: string[] = [];
    const recorder = new Recorder();
    const bytes = new TextEncoder().encode('..hello..');
    recorder.onDeliver = (publication) => void texts.push(`${publication.kind} ${textOf(publication)}`);
    hub.join(recorder).subscribe('t');
    hub.publish('t', bytes, 2, 7, 'binary');
    bytes.fill(0);
    hub.publish('t', bytes, 0, 0, 'text');
    expect(texts).toEqual(['binary hello', 'text ']);
    expect(hub.history('t').publications.map((publication) => textOf(publication))).toEqual(['hello', '']);
  });

  it('reaches 15,000 subscribers of one topic while a third leave and as many come', () => {
    const { hub, publish } = makeHub();
    const recorders = Array.from({ length: 15_000 }, () => new Recorder());
    const subscriptions = recorders.map((recorder) => hub.join(recorder).subscribe('t'));
    const late: Recorder[] = [];
    for (let i = 0; i < recorders.length; i += 3) {
      recorders[i].onDeliver = () => {
        subscriptions[i + 1].unsubscribe();
        const recorder = new Recorder();
        late.push(recorder);
        hub.join(recorder).subscribe('t');
        recorders[i].onDeliver = () => {};
      };
    }
    publish('t');
    publish('t');
    expect(recorders.filter((recorder) => recorder.log.length === 2)).toHaveLength(10_000);
    expect(recorders.filter((recorder) => recorder.log.length === 0)).toHaveLength(5000);
    expect(late.map((recorder) => recorder.log.join())).toEqual(Array.from({ length: 5000 }, () => 't:2'));
    expect(hub.presenceCount('t')).toBe(15_000);
  });
});

describe('messages by tag', () => {
  const send = (hub: ReturnType<typeof makeHub>['hub'], tag: string, text: string): number => {
    const bytes = new TextEncoder().encode(text);
    return hub.sendByTag(tag, bytes, 0, bytes.length, 'text');
  };

  it('reach every member with the tag, no other, none after it has left', () => {
    const { hub, pool } = makeHub();
    const [both, one, none, gone] = ['both', 'one', 'none', 'gone'].map((id) => new Recorder(id));
    const memberBoth = hub.join(both);
    memberBoth.addTag('x');
    memberBoth.addTag('y');
    memberBoth.addTag('x');
    hub.join(one).addTag('x');
    hub.join(none).subscribe('>');
    const memberGone = hub.join(gone);
    memberGone.addTag('x');
    memberGone.leave();
    expect(send(hub, 'x', '1')).toBe(2);
    expect(send(hub, 'y', '2')).toBe(1);
    expect(send(hub, 'z', '3')).toBe(0);
    memberBoth.removeTag('x');
    expect(send(hub, 'x', '4')).toBe(1);
    expect([both.log, one.log, none.log, gone.log]).toEqual([['tag:1', 'tag:2'], ['tag:1', 'tag:4'], [], []]);
    expect(hub.stats()).toMatchObject({ messagesByTag: 4, deliveries: 4, tags: 2 });
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('keep their place among publications, also from inside', () => {
    const { hub, publish } = makeHub();
    const recorder = new Recorder();
    const member = hub.join(recorder);
    const late = hub.join(new Recorder('late'));
    member.subscribe('t');
    member.addTag('x');
    recorder.onDeliver = (publication) => {
      if (publication.offset !== 1) return;
      send(hub, 'x', 'a');
      publish('t');
      late.addTag('x');
      send(hub, 'x', 'b');
    };
    publish('t');
    expect(recorder.log).toEqual(['t:1', 'tag:a', 't:2', 'tag:b']);
    expect((late.subscriber as Recorder).log).toEqual(['tag:b']);
  });

  it('leave nobody out when some leave or throw during it', () => {
    const { hub } = makeHub();
    const recorders = [0, 1, 2, 3].map((i) => new Recorder(String(i)));
    const members = recorders.map((recorder) => hub.join(recorder));
    for (const member of members) member.addTag('x');
    recorders[0].onDeliver = () => {
      members[1].leave();
      throw new Error('no');
    };
    send(hub, 'x', 'm');
    expect(recorders.map((recorder) => recorder.log)).toEqual([['tag:m', 'evict:failed'], [], ['tag:m'], ['tag:m']]);
  });

  it.each([
    ['disconnect' as const, ['evict:slowConsumer'], 0],
    ['drop' as const, [], 1],
  ])('with tagSlow %s', (tagSlow, log, dropped) => {
    const { hub } = makeHub({ tagSlow });
    const recorder = new Recorder();
    recorder.window = 0;
    hub.join(recorder).addTag('x');
    send(hub, 'x', 'm');
    expect(recorder.log).toEqual(log);
    expect(hub.stats().dropped).toBe(dropped);
  });
});
