// A network in memory, a registry and line sessions on it: what a listener needs, and what a test looks at afterwards.
//
// Connections live in the network's virtual time; Effect's own clock is a TestClock. `play` runs a program with both.

import { Brigade, Pool } from '@sluice/brigade';
import { defaultTimeouts, defaultWindows, type CloseReason } from '@sluice/connection';
import type { Endpoint, TransportError } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import * as Effect from 'effect/Effect';
import * as Layer from 'effect/Layer';
import type * as Scope from 'effect/Scope';
import * as TestClock from 'effect/testing/TestClock';
import { ConnectionRegistry, EventLoop, type ListenerOptions } from '../../src/index.ts';
import { LineSession } from './line-session.ts';

/** A client's end of a connection, reading. */
export interface Client {
  readonly endpoint: Endpoint;
  /** All that came. */
  text: string;
  /** `fin` after the peer's FIN, `closed` or the error's kind once gone. */
  ended: string | null;
}

export class Stage {
  readonly network = new MemoryNetwork({ seed: 1 });
  readonly pool = new Pool('stage');
  /** Sessions that ended, in order. */
  readonly ended: { id: number; reason: CloseReason }[] = [];
  readonly crashes: unknown[] = [];
  readonly troubles: TransportError[] = [];
  readonly closed: CloseReason[] = [];
  readonly registry = new ConnectionRegistry({
    onClosed: (_connection, reason) => void this.closed.push(reason),
    onCrash: (_connection, error) => void this.crashes.push(error),
  });
  readonly #clientPool = new Pool('clients');

  options(changes: Partial<ListenerOptions> = {}): ListenerOptions {
    return {
      transport: this.network.transport,
      listen: { host: 'memory', port: 0 },
      registry: this.registry,
      windows: defaultWindows,
      timeouts: defaultTimeouts,
      pool: this.pool,
      maxConnections: Infinity,
      makeSession: (pool) => new LineSession(pool, (id, reason) => void this.ended.push({ id, reason })),
      onTrouble: (error) => void this.troubles.push(error),
      ...changes,
    };
  }

  /** Connects a client and lets the network come to rest. A client that gets FIN answers with its own. */
  connect(port: number): Client {
    const clients: Client[] = [];
    this.network.connect({ host: 'memory', port }, {
      onConnect: (endpoint) => {
        const client: Client = { endpoint, text: '', ended: null };
        clients.push(client);
        endpoint.attach({
          onBytes: (bytes, start, end) => (client.text += Buffer.from(bytes.subarray(start, end)).toString('latin1')),
          onEnd: () => {
            client.ended = 'fin';
            endpoint.shutdown();
          },
          onProgress: () => {},
          onClose: (error) => (client.ended = error?.kind ?? 'closed'),
        });
        endpoint.setReading(true);
      },
      onFailure: (error) => {
        throw error;
      },
    });
    this.network.run(() => clients.length === 1);
    this.settle();
    return clients[0]!;
  }

  say(client: Client, text: string): void {
    const brigade = new Brigade(this.#clientPool);
    brigade.writeLatin1(text);
    client.endpoint.write(brigade);
    this.settle();
  }

  /** Lets everything happen that is due now; deadlines of connections stay in the future. */
  settle(): void {
    this.network.clock.advanceBy(0);
  }
}

/** Runs a program in the stage's virtual time, with Effect's TestClock, in a scope that is closed behind it. */
export function play<A, E>(stage: Stage, program: Effect.Effect<A, E, EventLoop | Scope.Scope>): Promise<A> {
  const layers = Layer.mergeAll(EventLoop.virtual(stage.network.clock), TestClock.layer());
  return Effect.runPromise(Effect.provide(Effect.scoped(program), layers));
}
