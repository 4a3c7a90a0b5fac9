import { describe, expect, it } from 'vitest';
import { InFlight } from '../src/in-flight.ts';

describe('InFlight', () => {
  it('is empty at first', () => {
    const inFlight = new InFlight();
    expect([inFlight.count, inFlight.has('1'), inFlight.remove('1')]).toEqual([0, false, false]);
  });

  it('has each sequence once, until it is removed', () => {
    const inFlight = new InFlight();
    expect([inFlight.add('1'), inFlight.add('1'), inFlight.add('2'), inFlight.count]).toEqual([true, false, true, 2]);
    expect([inFlight.remove('1'), inFlight.remove('1'), inFlight.has('1'), inFlight.has('2')]).toEqual([true, false, false, true]);
    expect(inFlight.add('1')).toBe(true);
    inFlight.clear();
    expect([inFlight.count, inFlight.has('2')]).toEqual([0, false]);
  });
});
