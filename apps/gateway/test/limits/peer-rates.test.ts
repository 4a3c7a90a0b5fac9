import { VirtualClock } from '@sluice/timing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ExemptPeers } from '../../src/limits/exempt-peers.ts';
import { PeerRates, type PeerRate, type PeerRatesOptions } from '../../src/limits/peer-rates.ts';

function made(options: Partial<PeerRatesOptions> = {}) {
  const clock = new VirtualClock();
  const rates = new PeerRates({
    clock,
    exempt: new ExemptPeers(true, []),
    messagesPerSecond: 10,
    messageBurst: 3,
    connectionsPerSecond: 2,
    connectionBurst: 2,
    maxPeers: 100,
    ...options,
  });
  return { clock, rates };
}

const takes = (rates: PeerRates, rate: PeerRate | null, count: number): number =>
  Array.from({ length: count }, () => rate === null || rates.takeMessage(rate)).filter(Boolean).length;

describe('messages', () => {
  it('of one address count together, whichever session they come by', () => {
    const { clock, rates } = made();
    const [first, second] = [rates.hold('192.0.2.1'), rates.hold('192.0.2.1')];
    expect(second).toBe(first);
    expect(takes(rates, first, 2) + takes(rates, second, 5)).toBe(3);
    expect(rates.takeMessageOf('192.0.2.1')).toBe(1);
    expect(takes(rates, rates.hold('192.0.2.2'), 5)).toBe(3);
    clock.advanceBy(100);
    expect(takes(rates, first, 5)).toBe(1);
    expect(rates.refusedMessages).toBe(4 + 1 + 2 + 4);
  });

  it('of an exempt peer, or without a limit, are not counted, and leave nothing behind', () => {
    const { rates } = made();
    expect(rates.hold('127.0.0.1')).toBeNull();
    expect(rates.takeMessageOf('::1')).toBe(0);
    const { rates: unlimited } = made({ messagesPerSecond: 0 });
    expect(unlimited.hold('192.0.2.1')).toBeNull();
    for (let i = 0; i < 100; i++) expect(unlimited.takeMessageOf('192.0.2.1')).toBe(0);
    expect([rates.size, unlimited.size]).toEqual([0, 0]);
  });

  it('of an address that was forgotten meanwhile are counted anew, in an entry that can be seen', () => {
    const { clock, rates } = made();
    expect([rates.takeMessageOf('192.0.2.1'), rates.takeMessageOf('192.0.2.1')]).toEqual([0, 0]);
    clock.advanceBy(1000);
    rates.sweep();
    expect(rates.size).toBe(0);
    expect(rates.takeMessageOf('192.0.2.1')).toBe(0);
    expect(rates.size).toBe(1);
    expect(takes(rates, rates.hold('192.0.2.1'), 5)).toBe(2);
  });

  it('of one address and another by turns are each counted for their own', () => {
    const { rates } = made();
    const asked = ['192.0.2.1', '127.0.0.1', '192.0.2.2', '192.0.2.1', '192.0.2.1', '192.0.2.2', '127.0.0.1', '192.0.2.1'];
    expect(asked.map((host) => rates.takeMessageOf(host))).toEqual([0, 0, 0, 0, 0, 0, 0, 1]);
  });

  it('that are refused are told how long to wait', () => {
    const { rates } = made({ messagesPerSecond: 1, messageBurst: 1 });
    const { rates: slow } = made({ messagesPerSecond: 1, messageBurst: 1, connectionsPerSecond: 0 });
    expect([rates.takeMessageOf('192.0.2.1'), rates.takeMessageOf('192.0.2.1')]).toEqual([0, 1]);
    expect(slow.messageRefusal).toContain('1 a second');
  });
});

describe('connections', () => {
  it('have a rate of their own, by address and by /64', () => {
    const { clock, rates } = made();
    const admitted = (host: string): boolean => rates.admitConnection(host);
    expect(['2001:db8::1', '2001:db8::2', '2001:db8::3'].map(admitted)).toEqual([true, true, false]);
    expect(admitted('2001:db8:0:1::1')).toBe(true);
    expect(rates.refusedConnections).toBe(1);
    clock.advanceBy(500);
    expect(admitted('2001:db8::4')).toBe(true);
    expect(rates.takeMessageOf('2001:db8::4')).toBe(0);
  });

  it('of an exempt peer, or without a limit, are all let in', () => {
    const { rates } = made();
    const { rates: unlimited } = made({ connectionsPerSecond: 0 });
    for (let i = 0; i < 10; i++) {
      expect(rates.admitConnection('127.0.0.1')).toBe(true);
      expect(unlimited.admitConnection('192.0.2.1')).toBe(true);
    }
    expect([rates.size, unlimited.size]).toEqual([0, 0]);
  });
});

describe('the table', () => {
  it('forgets an address when no session holds it and its buckets are full again, not before', () => {
    const { clock, rates } = made();
    const rate = rates.hold('192.0.2.1')!;
    rates.admitConnection('192.0.2.2');
    rates.takeMessageOf('192.0.2.3');
    takes(rates, rate, 3);
    rates.release(rate);
    rates.sweep();
    expect(rates.size).toBe(3);
    clock.advanceBy(100);
    rates.sweep();
    expect(rates.size).toBe(2);
    clock.advanceBy(200);
    rates.sweep();
    expect(rates.size).toBe(1);
    clock.advanceBy(200);
    rates.sweep();
    expect(rates.size).toBe(0);
  });

  it('keeps an address as long as a session holds it, so that a new one shares its bucket', () => {
    const { clock, rates } = made();
    const rate = rates.hold('192.0.2.1')!;
    clock.advanceBy(1e6);
    rates.sweep();
    expect(rates.hold('192.0.2.1')).toBe(rate);
    rates.release(rate);
    rates.sweep();
    expect(rates.size).toBe(1);
    rates.release(rate);
    rates.sweep();
    expect(rates.size).toBe(0);
  });

  it('is swept in parts, which together are the whole', () => {
    const { clock, rates } = made();
    for (let i = 0; i < 50; i++) rates.takeMessageOf(`192.0.2.${i}`);
    clock.advanceBy(1000);
    rates.sweep(20);
    expect(rates.size).toBe(30);
    for (let i = 0; i < 3; i++) rates.sweep(20);
    expect(rates.size).toBe(0);
  });

  it('when full, has those who come share one entry, and lets nobody in it go short', () => {
    const { clock, rates } = made({ maxPeers: 2 });
    const [a, b] = [rates.hold('192.0.2.1'), rates.hold('192.0.2.2')];
    const [c, d] = [rates.hold('192.0.2.3'), rates.hold('192.0.2.4')];
    expect(d).toBe(c);
    expect(rates.size).toBe(2);
    expect(takes(rates, c, 2) + takes(rates, d, 2)).toBe(3);
    expect(takes(rates, a, 3) + takes(rates, b, 3)).toBe(6);
    rates.release(a!);
    clock.advanceBy(1000);
    // Room is looked for at once: no sweep is waited for.
    expect(rates.hold('192.0.2.5')).not.toBe(c);
    expect(rates.size).toBe(2);
  });

  it('whatever comes and goes, is bounded, lets no address have more than its rate, and ends up empty', () => {
    const step = fc.record({
      host: fc.nat({ max: 7 }).map((n) => `192.0.2.${n}`),
      does: fc.constantFrom('open' as const, 'send' as const, 'close' as const, 'wait' as const, 'sweep' as const),
      amount: fc.nat({ max: 400 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { clock, rates } = made({ maxPeers: 5 });
        const open = new Map<string, PeerRate[]>();
        const passed = new Map<string, number>();
        for (const { host, does, amount } of steps) {
          const held = open.get(host) ?? [];
          open.set(host, held);
          if (does === 'open' && rates.admitConnection(host)) held.push(rates.hold(host)!);
          else if (does === 'close' && held.length > 0) rates.release(held.pop()!);
          else if (does === 'wait') clock.advanceBy(amount);
          else if (does === 'sweep') rates.sweep(amount);
          else if (does === 'send' && held.length > 0) passed.set(host, (passed.get(host) ?? 0) + takes(rates, held.at(-1)!, amount % 10));
          expect(rates.size).toBeLessThanOrEqual(5);
        }
        // An address may have moved between the shared entry and one of its own: at most a burst more.
        for (const count of passed.values()) expect(count).toBeLessThanOrEqual(2 * 3 + clock.now() / 100);
        for (const held of open.values()) for (const rate of held) rates.release(rate);
        clock.advanceBy(10_000);
        rates.sweep();
        rates.sweep();
        expect(rates.size).toBe(0);
      }),
    );
  });
});
