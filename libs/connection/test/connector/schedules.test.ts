// Random schedules of failures: whatever names, addresses, servers and whoever runs the connector do, there is never more than one thing
// under way, nothing is left behind, and it is always somewhere sensible.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scene, type Manners } from './scene.ts';

const addresses = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '::1', '10.0.0.9', '192.0.2.7'];
const manners: Manners[] = ['greets', 'greets', 'greets', 'mute', 'closes', 'resets', 'no'];

const answer = fc.oneof(
  { weight: 4, arbitrary: fc.record({ addresses: fc.subarray(addresses), delayMs: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.record({ delayMs: fc.constantFrom(0, 10, Infinity) }) },
);
const action = fc.record({ afterMs: fc.nat(120), what: fc.constantFrom('lose', 'lose', 'reset', 'retryNow', 'nothing', 'finish') });

const schedule = fc.record({
  seed: fc.nat(),
  latencyMs: fc.nat(20),
  answers: fc.array(answer, { minLength: 1, maxLength: 6 }),
  manners: fc.array(fc.constantFrom(...manners), { minLength: 1, maxLength: 12 }),
  actions: fc.array(action, { maxLength: 12 }),
  end: fc.constantFrom('stop' as const, 'abort' as const),
});

const settledPhases = ['resolving', 'connecting', 'handshaking', 'connected', 'waiting'];

describe('random schedules of failures', () => {
  it('never have two things under way, never leak, and always end', async () => {
    let connections = 0;
    await fc.assert(
      fc.asyncProperty(schedule, async ({ seed, latencyMs, answers, manners: script, actions, end }) => {
        const stage = scene({
          network: { seed, silentHosts: ['10.0.0.9'], faults: { latencyMs }, acceptFailureChance: 0.1 },
          timeouts: { dnsResolveTimeoutMs: 20, connectingTimeoutMs: 60, handshakeTimeoutMs: 80 },
          backoff: { baseMs: 20, capMs: 100, stableAfterMs: 200 },
        });
        const { connector, clock, network, resolver, guests, pool, wheel } = stage;
        connector.subscribe((snapshot) => {
          if (snapshot.value === 'connected') connections++;
          // One deadline of its own where it waits for somebody else, none elsewhere.
          const armed = (['dnsResolve', 'connecting', 'handshake', 'reconnect'] as const).filter((name) => wheel.dueAt(connector, name) !== Infinity);
          const expected = { resolving: 'dnsResolve', connecting: 'connecting', handshaking: 'handshake', waiting: 'reconnect' }[snapshot.value as string];
          expect(armed).toEqual(expected === undefined ? [] : [expected]);
        });
        resolver.script('service.test', ...answers);
        let accepted = 0;
        for (const host of addresses.slice(0, 4)) stage.serve(host, () => script[accepted++ % script.length]);
        connector.start();
        for (const { afterMs, what } of actions) {
          await stage.runUntil(clock.now() + afterMs);
          expect(settledPhases).toContain(stage.phase());
          if (what === 'retryNow') connector.retryNow();
          else if (what === 'finish') connector.connection?.finish('served');
          else if (what === 'lose') for (const guest of guests) guest.close();
          else if (what === 'reset') for (const guest of guests) guest.abort();
        }
        // Whatever happened, it comes to a connection or a wait again.
        expect(await network.until(() => stage.phase() === 'connected' || stage.phase() === 'waiting')).toBe(true);
        connector[end]();
        await stage.runUntil(clock.now() + 3000);
        expect(stage.phase()).toBe('stopped');
        expect(stage.log.filter((line) => line.endsWith(' stopped'))).toHaveLength(1);
        expect(stage.mostLive).toBeLessThanOrEqual(1);
        expect(stage.live).toBe(0);
        expect(wheel.size).toBe(0);
        expect(guests.size).toBe(0);
        expect(resolver.pending).toBe(0);
        expect(pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
        expect(network.pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
      }),
      { numRuns: 150 },
    );
    // The schedules are not all failures: usually about 100 of them connect.
    expect(connections).toBeGreaterThan(20);
  });
});
