// Where a spec takes place: on real sockets and Node's event loop, or on the network in memory and its virtual time. A spec that is written
// for a place does not say which; `describe.each(placeNames)` runs it on both.

import { Pool } from '@sluice/brigade';
import { defaultTimeouts, defaultWindows, type Session, type TimeoutSettings, type WindowSettings } from '@sluice/connection';
import { ConnectionRegistry, EventLoop, superviseListener, type EventLoopShape } from '@sluice/supervision';
import type { Endpoint, PeerAddress, Transport } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import * as Context from 'effect/Context';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { expect } from 'vitest';
import { eventually, runGateway, type RunningGateway } from './running-gateway.ts';
import { SocketPeer } from './socket-peer.ts';

export const placeNames = ['sockets', 'memory'] as const;
export type PlaceName = (typeof placeNames)[number];

export interface PlaceOptions {
  /** Of a connection in memory, each way. */
  readonly pipeBytes?: number;
}

export class Place {
  readonly name: PlaceName;
  readonly transport: Transport;
  readonly loop: EventLoopShape;
  /** Null on real sockets. */
  readonly network: MemoryNetwork | null;
  readonly #transportPool: Pool;
  readonly #scope: Scope.Closeable;

  constructor(name: PlaceName, { pipeBytes = 64 * 1024 }: PlaceOptions = {}) {
    this.name = name;
    this.network = name === 'memory' ? new MemoryNetwork({ seed: 1, pipeBytes }) : null;
    this.#transportPool = this.network?.pool ?? new Pool('transport');
    this.transport = this.network?.transport ?? createNodeTransport({ overloadShare: 1, pool: this.#transportPool });
    this.#scope = Effect.runSync(Scope.make());
    const layer = this.network === null ? EventLoop.layer : EventLoop.virtual(this.network.clock);
    this.loop = Context.get(Effect.runSync(Layer.buildWithScope(layer, this.#scope)), EventLoop);
  }

  get layer(): Layer.Layer<EventLoop> {
    return Layer.succeed(EventLoop, this.loop);
  }

  async connect(address: PeerAddress): Promise<SocketPeer> {
    const { network } = this;
    if (network === null) return new SocketPeer(await this.transport.connect(address));
    let endpoint: Endpoint | null = null;
    const onFailure = (error: Error): never => {
      throw error;
    };
    network.connect(address, { onConnect: (connected) => void (endpoint = connected), onFailure });
    network.run(() => endpoint !== null);
    return new SocketPeer(endpoint!);
  }

  /** Waits until the condition holds: in memory at most so long in virtual time, on sockets until it hangs. Fails with what it was waiting for. */
  async until(what: string, condition: () => boolean, withinMs = 10_000): Promise<void> {
    const { network } = this;
    if (network === null) return eventually(what, condition);
    const deadline = network.clock.now() + withinMs;
    let holds = false;
    network.run(() => (holds = condition()) || network.clock.now() > deadline);
    if (!holds) throw new Error(`not within ${withinMs} ms: ${what}`);
  }

  /** Everything that is due has happened, and nothing is under way any more: in memory for sure, on sockets as far as a few turns tell. */
  async settle(): Promise<void> {
    const { network } = this;
    if (network !== null) network.run(() => network.clock.nextAt() > network.clock.now());
    else for (let turns = 0; turns < 20; turns++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** Finds everything given back; the last call. */
  async close(): Promise<void> {
    await this.until('the transport holds nothing', () => this.#transportPool.outstanding().bytes === 0 && this.#transportPool.outstanding().handles === 0);
    expect(this.loop.wheel.size, 'deadlines').toBe(0);
    this.network?.run();
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
    if (this.network !== null) expect(this.network.clock.pending, 'timers').toBe(0);
  }
}

/** A whole gateway at a place. */
export class GatewayAt {
  readonly place: Place;
  readonly running: RunningGateway;
  readonly peers: SocketPeer[] = [];

  private constructor(place: Place, running: RunningGateway) {
    this.place = place;
    this.running = running;
  }

  static async start(name: PlaceName, config: Record<string, unknown> = {}, options: PlaceOptions = {}): Promise<GatewayAt> {
    const place = new Place(name, options);
    return new GatewayAt(place, await runGateway({ config: { admin: 'off', ...config }, transport: place.transport, loop: place.layer }));
  }

  get address(): PeerAddress {
    return this.running.gateway.http[0]!;
  }

  async connect(): Promise<SocketPeer> {
    const peer = await this.place.connect(this.address);
    this.peers.push(peer);
    return peer;
  }

  /** A socket that is open. */
  async open(target: string, ...fields: readonly string[]): Promise<SocketPeer> {
    const peer = await this.connect();
    peer.upgrade(target, ...fields);
    await this.until(`an answer for ${target}`, () => peer.reply !== null);
    if (!peer.isOpen) throw new Error(`${target}: ${peer.reply!.status} ${peer.reply!.body.toString()}`);
    return peer;
  }

  until(what: string, condition: () => boolean, withinMs?: number): Promise<void> {
    return this.place.until(what, condition, withinMs);
  }

  /** How many connections closed for which reason; those that nobody closed for are not there. */
  get closes(): Record<string, number> {
    return Object.fromEntries([...this.running.gateway.registry.closes()].filter(([, count]) => count > 0));
  }

  /** What is held for connections: nothing, once the last one is gone. Deadlines are the connections' alone. */
  get held(): Record<string, number> {
    const { registry, hub, pool } = this.running.gateway;
    const { members, subscriptions, tags } = hub.stats();
    const { bytes, handles } = pool.outstanding();
    return { connections: registry.size, members, subscriptions, tags, bytes, handles, deadlines: this.place.loop.wheel.size };
  }

  /** Stops the gateway, and finds everything back where it was. */
  async stopAndCheck(): Promise<void> {
    await this.running.stop();
    for (const peer of this.peers) peer.endpoint.abort();
    await this.until('nothing is held', () => Object.values(this.held).every((amount) => amount === 0));
    await this.until('the peers have closed', () => this.peers.every((peer) => peer.isClosed));
    await this.place.close();
  }
}

/** What `GatewayAt.held` is when nobody is connected. */
export const nothingHeld = { connections: 0, members: 0, subscriptions: 0, tags: 0, bytes: 0, handles: 0, deadlines: 0 };

export interface SessionsOptions extends PlaceOptions {
  readonly windows?: Partial<WindowSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
}

/** A listener of a library's user at a place, with sessions of the user's own. */
export class SessionsAt {
  readonly place: Place;
  readonly registry: ConnectionRegistry;
  readonly address: PeerAddress;
  readonly pool: Pool;
  readonly crashes: unknown[];
  readonly #scope: Scope.Closeable;
  readonly #peers: SocketPeer[] = [];

  private constructor(place: Place, parts: { registry: ConnectionRegistry; address: PeerAddress; pool: Pool; crashes: unknown[]; scope: Scope.Closeable }) {
    this.place = place;
    this.registry = parts.registry;
    this.address = parts.address;
    this.pool = parts.pool;
    this.crashes = parts.crashes;
    this.#scope = parts.scope;
  }

  static async start(name: PlaceName, makeSession: (pool: Pool) => Session, options: SessionsOptions = {}): Promise<SessionsAt> {
    const place = new Place(name, options);
    const crashes: unknown[] = [];
    const registry = new ConnectionRegistry({ onClosed() {}, onCrash: (_connection, error) => void crashes.push(error) });
    const pool = new Pool('sessions');
    const scope = Effect.runSync(Scope.make());
    const listener = superviseListener({
      transport: place.transport,
      listen: { host: '127.0.0.1', port: 0 },
      listenTimeoutMs: 0,
      registry,
      windows: { ...defaultWindows, ...options.windows },
      timeouts: { ...defaultTimeouts, ...options.timeouts },
      pool,
      maxConnections: Infinity,
      makeSession,
      onTrouble: (error) => void crashes.push(error),
    });
    const { address } = await Effect.runPromise(Scope.provide(Effect.provide(listener, place.layer), scope));
    return new SessionsAt(place, { registry, address, pool, crashes, scope });
  }

  async connect(): Promise<SocketPeer> {
    const peer = await this.place.connect(this.address);
    this.#peers.push(peer);
    return peer;
  }

  until(what: string, condition: () => boolean, withinMs?: number): Promise<void> {
    return this.place.until(what, condition, withinMs);
  }

  async stopAndCheck(): Promise<void> {
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
    for (const peer of this.#peers) peer.endpoint.abort();
    await this.until('all have closed', () => this.registry.size === 0 && this.#peers.every((peer) => peer.isClosed));
    expect(this.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    expect(this.crashes).toEqual([]);
    await this.place.close();
  }
}
