// Random histories of everything a subscriber can live through, against the plain model of model.ts: each subscription must be told
// exactly what the model says, in that order.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { EvictReason, Gap, Member, Publication, SlowPolicy, Subscriber, Subscription } from '../src/index.ts';
import { publicationOverheadBytes } from '../src/index.ts';
import { Model, normalised, type ModelMember, type ModelSettings, type ModelSubscription } from './model.ts';
import { makeHub } from './recorder.ts';

const topics = ['a.b', 'a.c', 'a.d', 'b'];
const patterns = ['a.b', 'a.c', 'a.d', 'b', 'a.*', '>', 'a.>', '*'];
const policies: Readonly<Record<string, SlowPolicy>> = { 'a.b': 'dropOldest', 'a.c': 'disconnect', 'a.d': 'conflate', b: 'dropOldest' };

const commonSettings = {
  maxCount: 5,
  maxAgeMs: 100,
  maxTotal: 11,
  topicIdleMs: 150,
  slow: (topic: string): SlowPolicy => policies[topic] ?? 'disconnect',
};

/** One member with one subscription, in the hub and in the model. */
interface Pair {
  readonly subscriber: Told;
  readonly member: Member;
  readonly subscription: Subscription;
  readonly model: ModelSubscription;
  readonly modelMember: ModelMember;
}

class Told implements Subscriber {
  readonly id = 'told';
  readonly info = null;
  readonly log: string[] = [];
  /** Of the last gap, or behind the last publication, as a hub position. */
  reached: number | null = null;
  window: number;

  constructor(window: number) {
    this.window = window;
  }

  deliver(publication: Publication): boolean {
    if (this.window <= 0) return false;
    this.window--;
    this.reached = publication.sequence;
    this.log.push(`${publication.topic}:${publication.offset}`);
    return true;
  }

  gap(gap: Gap): void {
    this.reached = gap.position.offset;
    this.log.push(`gap:${gap.reason}:${gap.missed}`);
  }

  evict(reason: EvictReason): void {
    this.log.push(`evict:${reason}`);
  }
}

const index = fc.nat(20);
const window = fc.oneof(fc.constant(1_000_000), fc.nat(4));
const step = fc.oneof(
  { weight: 12, arbitrary: fc.record({ do: fc.constant('publish' as const), topic: fc.constantFrom(...topics) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('subscribe' as const), pattern: fc.constantFrom(...patterns), window }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('resumeFrom' as const),
      pattern: fc.constantFrom(...patterns),
      window,
      back: fc.integer({ min: -2, max: 14 }),
      hub: fc.boolean(),
      afterGap: fc.constantFrom('live' as const, 'oldest' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('note' as const), topic: fc.constantFrom(...topics) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('resumeNoted' as const), index, window, afterGap: fc.constantFrom('live' as const, 'oldest' as const) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('latest' as const), pattern: fc.constantFrom(...patterns), window, count: fc.nat(12) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('drain' as const), index, window }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('choke' as const), index, window: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsubscribe' as const), index }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), index }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(90) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('stepWallClock' as const), ms: fc.integer({ min: -1_000_000, max: 1_000_000 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('sweep' as const) }) },
);

it('tells every subscription exactly what the model says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), fc.nat(3), fc.array(step, { maxLength: 120, size: 'max' }), (maxTopics, maxPositions, steps) => {
      const settings: ModelSettings = { ...commonSettings, maxTopics, maxPositions };
      const { hub, pool, clock, publish } = makeHub({
        rules: topics.map((pattern) => ({ pattern, slow: settings.slow(pattern) })),
        history: { maxCount: settings.maxCount, maxAgeMs: settings.maxAgeMs },
        limits: {
          maxTopics: settings.maxTopics,
          maxPositions: settings.maxPositions,
          topicIdleMs: settings.topicIdleMs,
          maxHistoryBytes: settings.maxTotal * (publicationOverheadBytes + 1),
        },
      });
      const model = new Model(settings);
      const pairs: Pair[] = [];
      const epochs = new Map<string, string>();
      const noted: { readonly topic: string; readonly of: string; readonly offset: number }[] = [];
      const start = (pattern: string, room: number, since: { of: string; offset: number } | null, afterGap: 'live' | 'oldest'): void => {
        const subscriber = new Told(room);
        const member = hub.join(subscriber);
        const epoch = since === null || since.of === 'hub' ? hub.epoch : (epochs.get(since.of) ?? '');
        const options = since === null ? {} : { since: { epoch, offset: since.offset }, afterGap };
        const subscription = member.subscribe(pattern, options);
        const modelMember: ModelMember = { window: room, left: false, subscriptions: [] };
        model.members.push(modelMember);
        pairs.push({ subscriber, member, subscription, modelMember, model: model.subscribe(modelMember, pattern, since, afterGap) });
        // Who comes back before the next publication is told of nothing again.
        if (subscription.state !== 'live' || subscriber.reached === null) return;
        const again = new Told(1_000_000);
        const returning = hub.join(again);
        returning.subscribe(pattern, { since: { epoch: hub.epoch, offset: subscriber.reached }, afterGap });
        returning.leave();
        expect(again.log).toEqual([]);
      };
      for (const action of steps) {
        const pair = 'index' in action ? pairs[action.index % Math.max(1, pairs.length)] : undefined;
        switch (action.do) {
          case 'publish': {
            model.publish(action.topic);
            const { epoch, offset, sequence } = publish(action.topic);
            const made = model.items.at(-1);
            expect({ offset, sequence }).toEqual({ offset: made?.offset, sequence: made?.sequence });
            if (made !== undefined) epochs.set(made.life, epoch);
            break;
          }
          case 'subscribe':
            start(action.pattern, action.window, null, 'live');
            break;
          case 'latest': {
            const subscriber = new Told(action.window);
            const member = hub.join(subscriber);
            const since = hub.positionBeforeLatest(action.pattern, action.count);
            const subscription = member.subscribe(action.pattern, { since, afterGap: 'ignore' });
            const modelMember: ModelMember = { window: action.window, left: false, subscriptions: [] };
            model.members.push(modelMember);
            pairs.push({ subscriber, member, subscription, modelMember, model: model.subscribeLatest(modelMember, action.pattern, action.count) });
            break;
          }
          case 'resumeFrom': {
            const sequence = Math.max(0, model.items.length - action.back);
            const own = model.items.filter((item) => item.topic === action.pattern);
            const item = own[Math.min(own.length - 1, Math.max(0, own.length - 1 - action.back))];
            if (action.hub) start(action.pattern, action.window, { of: 'hub', offset: sequence }, action.afterGap);
            else if (item !== undefined) {
              const ahead = action.back < 0 ? -action.back : 0;
              start(action.pattern, action.window, { of: item.life, offset: item.offset + ahead }, action.afterGap);
            }
            break;
          }
          case 'note': {
            const { epoch, nextOffset } = hub.history(action.topic);
            const { life, nextOffset: expected } = model.stateOf(action.topic);
            expect(nextOffset).toBe(expected);
            epochs.set(life, epoch);
            noted.push({ topic: action.topic, of: life, offset: nextOffset - 1 });
            break;
          }
          case 'resumeNoted': {
            const note = noted[action.index % Math.max(1, noted.length)];
            if (note !== undefined) start(note.topic, action.window, note, action.afterGap);
            break;
          }
          case 'drain':
            if (pair === undefined) break;
            pair.subscriber.window = pair.modelMember.window = action.window;
            pair.member.resumeAll();
            model.resume(pair.model);
            break;
          case 'choke':
            if (pair !== undefined) pair.subscriber.window = pair.modelMember.window = action.window;
            break;
          case 'unsubscribe':
            pair?.subscription.unsubscribe();
            if (pair !== undefined && pair.model.state !== 'ended') model.end(pair.model);
            break;
          case 'leave':
            pair?.member.leave();
            if (pair !== undefined && !pair.modelMember.left) model.leave(pair.modelMember);
            break;
          case 'pass':
            clock.nowMs += action.ms;
            model.nowMs += action.ms;
            break;
          case 'stepWallClock':
            clock.wallMs += action.ms;
            break;
          case 'sweep':
            hub.sweep();
            model.sweep();
            break;
        }
        const strayed = pairs.find((each) => each.subscription.state !== each.model.state);
        expect(strayed?.subscription.state).toBe(strayed?.model.state);
      }
      for (const { subscriber, model: expected } of pairs) expect(normalised(subscriber.log)).toEqual(normalised(expected.log));
      model.age();
      for (const topic of topics) {
        expect(hub.history(topic).publications.map((publication) => publication.offset)).toEqual(model.retainedOffsets(topic));
      }
      hub.destroy();
      expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    }),
    { numRuns: 600 },
  );
});
