// TLS on a network in memory: its bytes travel in virtual time, TLS itself turns with Node's event loop. Time moves on only when both have
// nothing left to do.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Endpoint, PeerAddress } from '@sluice/transport';
import type { MemoryNetwork } from '@sluice/transport-memory';

/** So many turns of Node's event loop in which nothing was given to the network: TLS has nothing under way. */
const quietTurns = 40;

/** Turns both event loops until the condition holds, or for so much virtual time. Answers whether it holds. */
export async function turnBoth(network: MemoryNetwork, condition: () => boolean, withinMs = 60_000): Promise<boolean> {
  const { clock } = network;
  const until = clock.now() + withinMs;
  for (;;) {
    for (let quiet = 0; quiet < quietTurns; quiet++) {
      if (condition()) return true;
      while (clock.nextAt() <= clock.now()) {
        quiet = 0;
        clock.step();
        if (condition()) return true;
      }
      await nextTurn();
    }
    if (clock.nextAt() > until) {
      clock.advanceTo(until);
      return condition();
    }
    clock.advanceTo(clock.nextAt());
  }
}

/** The client's end of a new connection, attached to by nobody. */
export function connectEnd(network: MemoryNetwork, address: PeerAddress): Endpoint {
  const ends: Endpoint[] = [];
  network.connect(address, {
    onConnect: (endpoint) => void ends.push(endpoint),
    onFailure(error) {
      throw error;
    },
  });
  network.run(() => ends.length > 0);
  return ends[0]!;
}

/** Both ends of a new connection, which nobody listens for; the client's first. */
export function connectedEnds(network: MemoryNetwork): [Endpoint, Endpoint] {
  const accepted: Endpoint[] = [];
  const listener = network.listen(
    { host: 'memory', port: 0 },
    {
      onAccept: (endpoint) => void accepted.push(endpoint),
      onError(error) {
        throw error;
      },
      onClose() {},
    },
  );
  const client = connectEnd(network, listener.address);
  network.run(() => accepted.length > 0);
  listener.close();
  return [client, accepted[0]!];
}
