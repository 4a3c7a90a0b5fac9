import { describe, expect, it } from 'vitest';
import { makeHub, Recorder } from './recorder.ts';

describe('publishing', () => {
  it('numbers each topic from 1, and all together', () => {
    const { hub, publish } = makeHub();
    const [a, b, again] = ['a', 'b', 'a'].map((topic) => publish(topic));
    expect([a, b, again].map(({ offset, sequence }) => [offset, sequence])).toEqual([
      [1, 1],
      [1, 2],
      [2, 3],
    ]);
    expect(again.epoch).toBe(a.epoch);
    expect(b.epoch).not.toBe(a.epoch);
    expect(hub.position).toEqual({ epoch: hub.epoch, offset: 3 });
  });

  it('refuses without a trace', () => {
    const { hub, pool, publish } = makeHub({ limits: { maxPayloadBytes: 3 } });
    expect(() => publish('t', 'abcd')).toThrow(expect.objectContaining({ code: 'payloadTooLarge', status: 413 }));
    expect(() => publish('a..b')).toThrow(expect.objectContaining({ code: 'tokenEmpty' }));
    expect(() => publish('a.>')).toThrow(expect.objectContaining({ code: 'wildcardInTopic' }));
    expect(hub.stats()).toMatchObject({ topics: 0, publications: 0 });
    expect(hub.position.offset).toBe(0);
    expect(pool.outstanding().bytes).toBe(0);
    expect(publish('t', 'abc').offset).toBe(1);
  });
});

describe('by tag', () => {
  it('sends text and binary to who carries it, whole or in part', () => {
    const { hub } = makeHub();
    const got: [kind: string, text: string][] = [];
    const carrier = new Recorder();
    carrier.deliver = ({ kind, payload: { bytes, start, length } }): boolean => {
      got.push([kind, Buffer.from(bytes!.subarray(start, start + length)).toString()]);
      return true;
    };
    hub.join(carrier).addTag('x');
    hub.join(new Recorder());
    expect(hub.sendTextByTag('x', Buffer.from('text'))).toBe(1);
    expect(hub.sendBinaryByTag('x', Buffer.from('-binary-'), 1, 7)).toBe(1);
    expect(hub.sendTextByTag('y', Buffer.from('nobody'))).toBe(0);
    expect(got).toEqual([
      ['text', 'text'],
      ['binary', 'binary'],
    ]);
  });
});

describe('history', () => {
  it('answers the newest without a position and the oldest after one', () => {
    const { hub, publish } = makeHub();
    const { epoch } = publish('t');
    for (let i = 0; i < 4; i++) publish('t');
    const offsets = (query: Parameters<typeof hub.history>[1]): number[] => hub.history('t', query).publications.map((each) => each.offset);
    expect(offsets({})).toEqual([1, 2, 3, 4, 5]);
    expect(offsets({ limit: 2 })).toEqual([4, 5]);
    expect(offsets({ limit: 0 })).toEqual([]);
    expect(offsets({ since: { epoch, offset: 1 }, limit: 2 })).toEqual([2, 3]);
    expect(offsets({ since: { epoch: hub.epoch, offset: 3 } })).toEqual([4, 5]);
    expect(offsets({ since: { epoch, offset: 5 } })).toEqual([]);
    expect(hub.history('t')).toMatchObject({ epoch, oldestOffset: 1, nextOffset: 6, gap: null });
  });

  it('tells a gap and gives what there is', () => {
    const { hub, publish } = makeHub({ history: { maxCount: 2 } });
    const { epoch } = publish('t');
    for (let i = 0; i < 3; i++) publish('t');
    const { gap, publications } = hub.history('t', { since: { epoch, offset: 1 } });
    expect(gap).toEqual({ reason: 'tooOld', topic: 't', epoch, oldestOffset: 3, missed: 1, position: { epoch: hub.epoch, offset: 2 } });
    expect(publications.map((each) => each.offset)).toEqual([3, 4]);
    expect(hub.history('t', { since: { epoch: 't0', offset: 1 } }).gap?.reason).toBe('epochChanged');
    expect(() => hub.history('t', { since: { epoch, offset: 1.5 } })).toThrow(expect.objectContaining({ code: 'positionInvalid' }));
  });

  it('of an unknown topic is empty', () => {
    const { hub } = makeHub();
    expect(hub.history('t')).toEqual({ epoch: expect.stringMatching(/^t\w+$/) as string, oldestOffset: 0, nextOffset: 1, publications: [], gap: null });
    expect(hub.history('t', { since: { epoch: 't0', offset: 3 } }).gap).toMatchObject({ reason: 'epochChanged', oldestOffset: 0 });
    expect(hub.stats().topics).toBe(0);
    expect(() => hub.history('*')).toThrow(expect.objectContaining({ code: 'wildcardInTopic' }));
  });
});

describe('the end', () => {
  it('evicts everybody, lets go of everything and refuses what follows', () => {
    const { hub, pool, publish } = makeHub();
    const recorders = [0, 1, 2].map(() => new Recorder());
    for (const recorder of recorders) hub.join(recorder).subscribe('>');
    publish('t');
    hub.destroy();
    hub.destroy();
    for (const recorder of recorders) expect(recorder.log).toEqual(['t:1', 'evict:hubDestroyed']);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(hub.stats()).toMatchObject({ topics: 0, members: 0, subscriptions: 0, historyBytes: 0, historyCount: 0 });
    expect(() => publish('t')).toThrow(expect.objectContaining({ code: 'hubDestroyed' }));
    expect(() => hub.join(new Recorder())).toThrow(expect.objectContaining({ code: 'hubDestroyed' }));
  });

  it('comes with the pool', () => {
    const { hub, pool, publish } = makeHub();
    const recorder = new Recorder();
    hub.join(recorder).subscribe('t');
    publish('t');
    pool.destroy();
    expect(recorder.log).toEqual(['t:1', 'evict:hubDestroyed']);
    expect(hub.stats().members).toBe(0);
  });

  it('can come from inside a delivery, with publications waiting', () => {
    const { hub, pool, publish } = makeHub();
    const recorders = [0, 1].map(() => new Recorder());
    for (const recorder of recorders) hub.join(recorder).subscribe('t');
    recorders[0].onDeliver = () => {
      publish('t');
      hub.destroy();
    };
    publish('t');
    expect(recorders.map((recorder) => recorder.log)).toEqual([['t:1', 'evict:hubDestroyed'], ['evict:hubDestroyed']]);
    expect(pool.outstanding().bytes).toBe(0);
  });
});
