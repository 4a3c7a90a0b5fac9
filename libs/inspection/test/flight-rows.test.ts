import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FlightRows } from '../src/flight-rows.ts';

describe('rows of steps', () => {
  it('keep the last steps of each, whatever the others do', () => {
    const act = fc.oneof(
      { arbitrary: fc.record({ row: fc.nat({ max: 5 }), event: fc.nat({ max: 255 }), state: fc.nat({ max: 255 }), waitMs: fc.nat({ max: 10_000 }) }), weight: 8 },
      { arbitrary: fc.record({ renew: fc.nat({ max: 5 }) }), weight: 1 },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), fc.integer({ min: 2, max: 12 }), (acts, stepsKept) => {
        const rows = new FlightRows(stepsKept);
        let now = 0;
        const taken = Array.from({ length: 6 }, () => ({ row: rows.take(now), steps: [] as { event: number; state: number; atMs: number }[] }));
        for (const each of acts) {
          if ('renew' in each) {
            rows.give(taken[each.renew].row);
            taken[each.renew] = { row: rows.take(now), steps: [] };
          } else {
            now += each.waitMs;
            rows.write(taken[each.row].row, each.event, each.state, now);
            taken[each.row].steps.push({ event: each.event, state: each.state, atMs: now });
          }
        }
        expect(rows.used).toBe(6);
        for (const { row, steps } of taken) {
          const kept = rows.read(row);
          expect(rows.count(row)).toBe(steps.length);
          expect(kept.map(({ event, state }) => [event, state])).toEqual(steps.slice(-stepsKept).map(({ event, state }) => [event, state]));
          // No time is ahead of the true one, and the rounding of earlier spans is not carried along.
          kept.forEach(({ atMs }, i) => {
            const all = steps.slice(-stepsKept);
            expect(atMs).toBeLessThanOrEqual(all[i].atMs);
            if (i > 0) expect(all[i].atMs - atMs).toBeLessThanOrEqual((all[i].atMs - kept[i - 1].atMs) / 8 + 1);
          });
        }
      }),
    );
  });

  it('are used again before more memory is taken', () => {
    const rows = new FlightRows(24);
    const taken = Array.from({ length: 1024 }, () => rows.take(0));
    expect(new Set(taken).size).toBe(1024);
    const { bytes } = rows;
    expect(bytes).toBe(1024 * rows.bytesPerRow);
    for (const row of taken.slice(0, 500)) rows.give(row);
    for (let i = 0; i < 500; i++) rows.take(0);
    expect(rows.bytes).toBe(bytes);
    rows.take(0);
    expect(rows.bytes).toBe(2 * bytes);
    expect(rows.used).toBe(1025);
  });

  it('cost a few dozen bytes each', () => {
    expect(new FlightRows(24).bytesPerRow).toBe(84);
  });

  it('start empty when used again', () => {
    const rows = new FlightRows(4);
    const row = rows.take(0);
    rows.write(row, 1, 1, 5);
    rows.give(row);
    expect(rows.take(100)).toBe(row);
    expect([rows.count(row), rows.read(row)]).toEqual([0, []]);
    rows.write(row, 2, 2, 105);
    expect(rows.read(row)).toEqual([{ event: 2, state: 2, atMs: 105 }]);
  });

  it('count afresh when they have counted as far as they can, and keep the last steps as ever', () => {
    for (const most of [12, 13, 14, 15]) {
      const rows = new FlightRows(4, most);
      const [before, row, after] = [rows.take(0), rows.take(0), rows.take(0)];
      for (const neighbour of [before, after]) for (let i = 0; i < 4; i++) rows.write(neighbour, 9, i, 0);
      for (let step = 1; step <= 40; step++) {
        rows.write(row, 1, step, step);
        expect(rows.read(row).map(({ state }) => state)).toEqual([step - 3, step - 2, step - 1, step].filter((state) => state > 0));
        expect(rows.count(row)).toBeLessThanOrEqual(most);
        if (step < 12) expect(rows.count(row)).toBe(step);
      }
      for (const neighbour of [before, after]) expect(rows.read(neighbour).map(({ event, state }) => [event, state])).toEqual([[9, 0], [9, 1], [9, 2], [9, 3]]);
    }
  });

  it('refuse numbers of steps that cannot be', () => {
    for (const kept of [0, 1, 256, 2.5]) expect(() => new FlightRows(kept)).toThrow(RangeError);
  });
});
