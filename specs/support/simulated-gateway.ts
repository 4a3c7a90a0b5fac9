// A whole gateway on a network in memory, in virtual time: what happens follows from the seed and from what is done to it.
//
// The event loop is the network's clock. `settle` turns it; nothing else does, once the gateway has started.

import { EventLoop, type EventLoopShape } from '@sluice/supervision';
import type { PeerAddress, Transport } from '@sluice/transport';
import { MemoryNetwork, Random, type FaultPlan, type LinkFaults, type MemoryNetworkOptions } from '@sluice/transport-memory';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { expect } from 'vitest';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { RawPeer } from './raw-peer.ts';

export interface SimulationOptions {
  readonly seed: number;
  readonly config?: Record<string, unknown>;
  readonly faults?: LinkFaults | FaultPlan;
  readonly pipeBytes?: number;
  /** The addresses there are, and those that swallow what is sent to them. */
  readonly network?: Pick<MemoryNetworkOptions, 'hosts' | 'silentHosts'>;
  /** Puts another transport around the network's: one that injects failures. */
  readonly around?: (transport: Transport) => Transport;
}

/** The virtual time at which every run starts, as wall-clock time. */
const startMs = Date.UTC(2026, 0, 1);

export class SimulatedGateway {
  readonly running: RunningGateway;
  readonly network: MemoryNetwork;
  readonly loop: EventLoopShape;
  readonly #closeLoop: () => Promise<void>;

  private constructor(running: RunningGateway, network: MemoryNetwork, loop: EventLoopShape, closeLoop: () => Promise<void>) {
    this.running = running;
    this.network = network;
    this.loop = loop;
    this.#closeLoop = closeLoop;
  }

  static async start(options: SimulationOptions): Promise<SimulatedGateway> {
    const { seed, config, faults, pipeBytes, around } = options;
    const network = new MemoryNetwork({ ...options.network, seed, ...(faults === undefined ? {} : { faults }), ...(pipeBytes === undefined ? {} : { pipeBytes }) });
    const scope = Effect.runSync(Scope.make());
    const loop = Context.get(Effect.runSync(Layer.buildWithScope(EventLoop.virtual(network.clock), scope)), EventLoop);
    const random = new Random(seed, 0x5eed);
    const running = await runGateway({
      config: { demo: false, ...config },
      transport: around === undefined ? network.transport : around(network.transport),
      loop: Layer.succeed(EventLoop, loop),
      wallClock: () => startMs + network.clock.now(),
      random: () => random.next() / 2 ** 32,
    });
    return new SimulatedGateway(running, network, loop, () => Effect.runPromise(Scope.close(scope, Exit.void)));
  }

  /** In the clear, where there is such an address. */
  get address(): { host: string; port: number } {
    const { http } = this.running.gateway;
    return http[0] ?? { host: '127.0.0.1', port: this.running.port };
  }

  get nowMs(): number {
    return this.network.clock.now();
  }

  /** A peer that says what it likes, connected. */
  connectRaw(reading = true, address: PeerAddress = this.address): RawPeer {
    let peer: RawPeer | null = null;
    this.network.connect(address, {
      onConnect: (endpoint) => (peer = new RawPeer(endpoint, reading)),
      onFailure(error) {
        throw error;
      },
    });
    this.settle(() => peer !== null);
    return peer!;
  }

  /** Turns the loop until the condition holds; false when it did not within so much virtual time. */
  settle(condition: () => boolean, withinMs = 60_000): boolean {
    const deadline = this.nowMs + withinMs;
    let done = false;
    this.network.run(() => (done = condition()) || this.nowMs > deadline);
    return done;
  }

  /** Lets so much virtual time pass. */
  pass(ms: number): void {
    const until = this.nowMs + ms;
    this.network.clock.schedule(ms, () => {});
    this.network.run(() => this.nowMs >= until);
  }

  /** Stops the gateway, and finds everything back where it was before it started. */
  async stopAndCheck(): Promise<void> {
    const { registry, hub, pool } = this.running.gateway;
    await this.running.stop();
    this.network.run();
    // A file that was being opened when the gateway stopped is closed when its opening is done.
    for (let turns = 0; turns < 1000 && pool.outstanding().handles > 0; turns++) await new Promise((resolve) => setImmediate(resolve));
    expect(registry.size, 'open connections').toBe(0);
    expect(this.loop.wheel.size, 'deadlines').toBe(0);
    expect(hub.stats(), 'the hub').toMatchObject({ members: 0, subscriptions: 0, patterns: 0, tags: 0, topics: 0 });
    expect(pool.outstanding(), "the gateway's pool").toEqual({ bytes: 0, handles: 0 });
    expect(this.network.pool.outstanding(), "the network's pool").toEqual({ bytes: 0, handles: 0 });
    await this.#closeLoop();
    expect(this.network.clock.pending, 'timers').toBe(0);
  }
}
