import { VirtualClock } from '@sluice/timing';
import { describe, expect, it } from 'vitest';
import { breakingFaults, forEachSeed, harmlessFaults, MemoryNetwork } from '../src/index.ts';
import { converse } from './conversation.ts';

const CLIENTS = 4;
const LINES = 5;

describe('a seed', () => {
  it('replays the same run, to the event and the millisecond', () => {
    for (const seed of [1, 2, 3]) {
      const options = { seed, faults: breakingFaults(300), acceptFailureChance: 0.1 };
      expect(converse(options, CLIENTS, LINES).log).toEqual(converse(options, CLIENTS, LINES).log);
    }
  });

  it('that is another gives another run', () => {
    expect(converse({ seed: 1, faults: harmlessFaults }, CLIENTS, LINES).log).not.toEqual(converse({ seed: 2, faults: harmlessFaults }, CLIENTS, LINES).log);
  });

  it('gives a link its faults whatever the other links do', () => {
    const faultsOf = (seed: number, connections: number): string[] => {
      const seen: string[] = [];
      converse(
        {
          seed,
          faults: (connection, direction, random) => {
            const faults = harmlessFaults(connection, direction, random);
            seen.push(`${connection} ${direction} ${JSON.stringify(faults)}`);
            return faults;
          },
        },
        connections,
        LINES,
      );
      return seen;
    };
    expect(faultsOf(9, 5).slice(0, 4)).toEqual(faultsOf(9, 2));
  });
});

describe('many seeds', () => {
  it('of harmless faults bring every answer', () => {
    forEachSeed({ from: 0, count: 300 }, (seed) => {
      const { answers, open } = converse({ seed, faults: harmlessFaults }, CLIENTS, LINES);
      expect(answers).toBe(CLIENTS * LINES);
      expect(open).toBe(0);
    });
  });

  it('of breaking faults leave half-done conversations in order, and nothing behind', () => {
    let whole = 0;
    forEachSeed({ from: 0, count: 300 }, (seed) => {
      const { answers, log } = converse({ seed, faults: breakingFaults(200, 0.3), acceptFailureChance: 0.1, pipeBytes: 64 }, CLIENTS, LINES);
      if (answers === CLIENTS * LINES) whole++;
      const opened = log.filter((line) => line.includes(' sent ') || line.includes(' did not send ')).length;
      expect(opened).toBeGreaterThan(0);
    });
    expect(whole).toBeGreaterThan(10);
    expect(whole).toBeLessThan(200);
  });
});

describe('the loop', () => {
  it('says when nothing is left to happen', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    expect(network.step()).toBe(false);
    expect(network.run(() => false)).toBe(false);
    expect(await network.until(() => false)).toBe(false);
  });

  it('runs timers of the same clock between its events', () => {
    const clock = new VirtualClock(1000);
    const network = new MemoryNetwork({ seed: 1, clock, faults: { latencyMs: 20 } });
    const order: string[] = [];
    const { address } = network.listen({ host: 'memory', port: 0 }, { onAccept: (endpoint) => (order.push('accept'), endpoint.abort()), onError() {}, onClose() {} });
    clock.schedule(19, () => order.push('19 ms'));
    clock.schedule(21, () => order.push('21 ms'));
    network.connect(address, { onConnect: (endpoint) => (order.push('connect'), endpoint.abort()), onFailure: (error) => order.push(error.message) });
    network.run();
    expect(order).toEqual(['19 ms', 'accept', '21 ms', 'connect']);
    expect(clock.now()).toBe(1060);
  });

  it('gives promises their turn in until', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    const listener = await network.transport.listen({ host: 'memory', port: 0 }, { onAccept: (endpoint) => endpoint.close(), onError() {}, onClose() {} });
    let port = 0;
    const waiting = (async () => {
      const endpoint = await network.transport.connect(listener.address);
      ({ port } = endpoint.peer);
      endpoint.close();
    })();
    expect(await network.until(() => port !== 0)).toBe(true);
    await waiting;
  });

  it('turns the host loop as well when told how', async () => {
    const network = new MemoryNetwork({ seed: 1 });
    let fired = false;
    setImmediate(() => setImmediate(() => (fired = true)));
    for (let event = 0; event < 5; event++) network.clock.schedule(event, () => {});
    expect(await network.until(() => fired, () => new Promise((done) => setImmediate(done)))).toBe(true);
  });
});

describe('an attempt to connect', () => {
  const listen = (network: MemoryNetwork) => {
    const ends: string[] = [];
    const { address } = network.listen(
      { host: 'memory', port: 0 },
      {
        onAccept(endpoint) {
          endpoint.attach({ onBytes() {}, onEnd: () => void ends.push('end'), onProgress() {}, onClose: (error) => void ends.push(error?.kind ?? 'close') });
          endpoint.setReading(true);
        },
        onError() {},
        onClose() {},
      },
    );
    return { address, ends };
  };
  const attempt = (network: MemoryNetwork, host: string, port: number, signal: AbortSignal) => {
    const outcomes: string[] = [];
    network.connect(
      { host, port, signal },
      {
        onConnect(endpoint) {
          outcomes.push('connected');
          endpoint.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose: () => void outcomes.push('closed') });
          endpoint.close();
        },
        onFailure: (error) => void outcomes.push(`${error.operation} ${error.kind}`),
      },
    );
    return outcomes;
  };

  it('is given up by its signal at any moment; what was opened is reset', () => {
    for (let abortAtMs = 0; abortAtMs <= 21; abortAtMs++) {
      const network = new MemoryNetwork({ seed: 1, faults: { latencyMs: 10 } });
      const { address, ends } = listen(network);
      const giveUp = new AbortController();
      const outcomes = attempt(network, address.host, address.port, giveUp.signal);
      network.clock.schedule(abortAtMs, () => giveUp.abort());
      network.run();
      // At 20 ms the connection is there, but the abort of that millisecond was scheduled before.
      if (abortAtMs <= 20) expect(outcomes, `aborted at ${abortAtMs} ms`).toEqual(['connect closed']);
      else expect(outcomes).toEqual(['connected', 'closed']);
      expect(ends).toEqual(abortAtMs <= 20 ? ['connectionReset'] : ['end']);
      expect(network.pool.outstanding()).toMatchObject({ bytes: 0, handles: 0 });
    }
  });

  it('that is given up before it begins opens nothing', () => {
    const network = new MemoryNetwork({ seed: 1 });
    const { address, ends } = listen(network);
    const outcomes = attempt(network, address.host, address.port, AbortSignal.abort());
    expect(outcomes).toEqual([]);
    network.run();
    expect(outcomes).toEqual(['connect closed']);
    expect(ends).toEqual([]);
  });

  it('on a silent address comes to nothing until it is given up', () => {
    const network = new MemoryNetwork({ seed: 1, silentHosts: ['10.0.0.9'] });
    const giveUp = new AbortController();
    const outcomes = attempt(network, '10.0.0.9', 80, giveUp.signal);
    network.run();
    expect(outcomes).toEqual([]);
    giveUp.abort();
    network.run();
    expect(outcomes).toEqual(['connect closed']);
  });
});
