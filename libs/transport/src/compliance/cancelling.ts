// Giving up: an attempt to connect, or to find a name's addresses, ends when its signal says so, closes what it had opened, and lets go
// of the signal, however it ends.

import { TransportError } from '../errors.ts';
import type { CancelSignal, Resolver } from '../transport.ts';
import type { Cases } from './cases.ts';
import type { Scene, Stand } from './scene.ts';

/** A signal that knows who listens to it. */
class CountedSignal implements CancelSignal {
  aborted = false;
  readonly listeners = new Set<() => void>();

  addEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.listeners.delete(listener);
  }

  abort(): void {
    this.aborted = true;
    for (const listener of this.listeners) listener();
  }
}

function aborted(): CountedSignal {
  const signal = new CountedSignal();
  signal.abort();
  return signal;
}

async function expectGivenUp(scene: Scene, operation: string, attempt: Promise<unknown>): Promise<void> {
  const failure = await scene.failure(attempt);
  scene.expect(failure.operation).toBe(operation);
  scene.expect(failure.kind).toBe('closed');
}

/** Whatever the other side had accepted of the attempt meanwhile has ended. */
async function nothingIsLeft(scene: Scene, stand: Stand): Promise<void> {
  await scene.settle();
  for (const side of stand.sides) side.setReading(true);
  await scene.until('nothing is left of the attempt', () => stand.sides.every((side) => side.ended || side.closed));
}

export const cancellingCases: Cases = {
  'a connect that is given up before it begins opens nothing': async (scene) => {
    const stand = await scene.listen();
    const signal = aborted();
    await expectGivenUp(scene, 'connect', scene.under.transport.connect({ ...stand.address, signal }));
    await scene.settle();
    scene.expect(stand.sides.length).toBe(0);
    scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
  },

  'a connect that is given up while it is under way leaves nothing open': async (scene) => {
    const stand = await scene.listen();
    const signal = new CountedSignal();
    const attempt = scene.under.transport.connect({ ...stand.address, signal });
    signal.abort();
    await expectGivenUp(scene, 'connect', attempt);
    await nothingIsLeft(scene, stand);
    scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
    const client = await scene.connect(stand);
    client.setReading(true);
    await scene.until('the next one is accepted', () => stand.sides.some((side) => !side.ended && !side.closed));
  },

  'a connect has let go of its signal once it has connected': async (scene) => {
    const stand = await scene.listen();
    const signal = new CountedSignal();
    const endpoint = await scene.settled(scene.under.transport.connect({ ...stand.address, signal }));
    const client = scene.side('client', endpoint);
    scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
    signal.abort();
    await scene.until('the connection is accepted', () => stand.sides.length === 1);
    client.setReading(true);
    stand.sides[0].write('still here');
    await scene.received(client, 10);
  },

  'a connect has let go of its signal once it has failed': async (scene) => {
    const stand = await scene.listen();
    stand.listener.close();
    await scene.until('the listener is closed', () => stand.closes.length === 1);
    const signal = new CountedSignal();
    const failure = await scene.failure(scene.under.transport.connect({ ...stand.address, signal }));
    scene.expect(failure.kind).toBe('connectionRefused');
    scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
  },

  'many attempts given up at once leave nothing open': async (scene) => {
    const stand = await scene.listen();
    const signal = new CountedSignal();
    const attempts = Array.from({ length: 50 }, () => scene.under.transport.connect({ ...stand.address, signal }));
    const outcomes = Promise.allSettled(attempts);
    signal.abort();
    for (const outcome of await scene.settled(outcomes)) {
      scene.expect(outcome.status === 'rejected' && outcome.reason instanceof TransportError && outcome.reason.kind).toBe('closed');
    }
    await nothingIsLeft(scene, stand);
    scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
  },
};

function resolverOf(scene: Scene): Resolver {
  const { resolver } = scene.under;
  if (resolver === undefined) throw new Error('the set-up brings no resolver');
  return resolver;
}

/** For transports that find the addresses of names; `knownHost` has at least one. */
export function resolvingCases(knownHost: string, unknownHost: string | null): Cases {
  const cases: Record<string, Cases[string]> = {
    'a name has addresses, each once': async (scene) => {
      const signal = new CountedSignal();
      const addresses = await scene.settled(resolverOf(scene).resolve(knownHost, signal));
      scene.expect(addresses.length).toBeGreaterThan(0);
      scene.expect(new Set(addresses).size).toBe(addresses.length);
      scene.expect(addresses.includes('')).toBe(false);
      scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
    },

    'an address is its own': async (scene) => {
      for (const address of ['192.0.2.1', '2001:db8::1']) {
        scene.expect(await scene.settled(resolverOf(scene).resolve(address))).toEqual([address]);
      }
    },

    'a look-up is given up, before it begins and while it is under way': async (scene) => {
      await expectGivenUp(scene, 'resolve', resolverOf(scene).resolve(knownHost, aborted()));
      const signal = new CountedSignal();
      const attempt = resolverOf(scene).resolve(knownHost, signal);
      signal.abort();
      await expectGivenUp(scene, 'resolve', attempt);
      scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
    },
  };
  if (unknownHost !== null) {
    cases['an unknown name has none'] = async (scene) => {
      const signal = new CountedSignal();
      const failure = await scene.failure(resolverOf(scene).resolve(unknownHost, signal));
      scene.expect(failure.operation).toBe('resolve');
      scene.expect(signal.listeners.size, 'listeners of the signal').toBe(0);
    };
  }
  return cases;
}
