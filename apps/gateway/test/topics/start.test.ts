import { Pool } from '@sluice/brigade';
import { Hub } from '@sluice/hub';
import { beforeEach, describe, expect, it } from 'vitest';
import { locateStart } from '../../src/topics/start.ts';

let hub: Hub;
beforeEach(() => {
  hub = new Hub({ pool: new Pool('test'), now: () => 1000, wallClock: () => 1000, random: () => 0.5 });
  for (const topic of ['news', 'other', 'news']) hub.publish(topic, Buffer.from('x'), 0, 1, 'text');
});

describe('a subscription begins', () => {
  it('now, unless something else was asked for', () => {
    expect(locateStart(hub, 'news', { since: undefined, history: 0 })).toEqual({ position: hub.position, isResumed: false, options: {} });
  });

  it('with the last publications, at a position that brings them again', () => {
    const since = { epoch: hub.epoch, offset: 2 };
    expect(locateStart(hub, 'news', { since: undefined, history: 1 })).toEqual({ position: since, isResumed: false, options: { since, afterGap: 'ignore' } });
  });

  it('behind a position, which comes before a number of publications', () => {
    const since = { epoch: 'hx', offset: 1 };
    expect(locateStart(hub, 'news', { since, history: 5 })).toEqual({ position: since, isResumed: true, options: { since, afterGap: 'oldest' } });
  });
});
