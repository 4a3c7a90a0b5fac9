// A network in memory: listeners, connections, one virtual clock whose callbacks are the event loop, and faults by plan.
// Everything that happens follows from the seed and from what is done to it: the same seed replays the same run.

import { Pool } from '@sluice/brigade';
import { VirtualClock } from '@sluice/timing';
import { TransportError, type CancelSignal, type ConnectOptions, type ListenOptions, type ListenerSink, type PeerAddress } from '@sluice/transport';
import { Addresses } from './addresses.ts';
import { MemoryEndpoint } from './endpoint.ts';
import type { Direction, FaultPlan, LinkFaults } from './faults.ts';
import { MemoryListener } from './listener.ts';
import { Pipe } from './pipe.ts';
import { Random } from './random.ts';
import { MemorySocket } from './socket.ts';
import { MemoryTransport } from './transport.ts';

export interface MemoryNetworkOptions {
  readonly seed: number;
  /** Shared with timing wheels and the like, so that all of a simulation has one time. A new one by default. */
  readonly clock?: VirtualClock;
  /** The same faults for every link, or a plan. None by default. */
  readonly faults?: LinkFaults | FaultPlan;
  /** The probability that accepting a connection fails. Default 0. */
  readonly acceptFailureChance?: number;
  /** What fits into each direction of a connection. Default 64 KiB. */
  readonly pipeBytes?: number;
  /** The addresses of this network's only machine. Default `memory`, `localhost`, `127.0.0.1`, `::1`. */
  readonly hosts?: readonly string[];
  /** Addresses that swallow what is sent to them: connecting comes to nothing, not even a failure. None by default. */
  readonly silentHosts?: readonly string[];
}

/** What comes of connecting. */
export interface ConnectSink<Connected> {
  onConnect(connected: Connected): void;
  onFailure(error: TransportError): void;
}

/** So many steps without an end are a loop that feeds itself. */
const MOST_STEPS = 20_000_000;
/** A chain of promises needs some turns of the microtask queue before it has run. */
const MICROTASK_TURNS = 20;

export class MemoryNetwork {
  readonly seed: number;
  readonly clock: VirtualClock;
  /** Holds what endpoints have queued. */
  readonly pool: Pool;
  readonly transport: MemoryTransport;
  readonly #plan: FaultPlan;
  readonly #random: Random;
  readonly #acceptFailureChance: number;
  readonly #pipeBytes: number;
  readonly #addresses: Addresses<MemoryListener>;
  readonly #silentHosts: ReadonlySet<string>;
  #connections = 0;
  #acceptsToFail = 0;

  constructor(options: MemoryNetworkOptions) {
    const { faults = {} } = options;
    this.seed = options.seed;
    this.clock = options.clock ?? new VirtualClock();
    this.pool = new Pool('memory network');
    this.#plan = typeof faults === 'function' ? faults : () => faults;
    this.#random = new Random(options.seed);
    this.#acceptFailureChance = options.acceptFailureChance ?? 0;
    this.#pipeBytes = options.pipeBytes ?? 64 * 1024;
    this.#addresses = new Addresses(options.hosts ?? ['memory', 'localhost', '127.0.0.1', '::1']);
    this.#silentHosts = new Set(options.silentHosts);
    this.transport = new MemoryTransport(this);
  }

  /** Runs the next event, moving time to it. False when there is none. */
  step(): boolean {
    return this.clock.step();
  }

  /**
   * Runs events until the condition holds (true) or there are none left (false). Promises do not get their turn meanwhile: use
   * `until` where something waits for one.
   */
  run(condition: () => boolean = () => false): boolean {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      if (condition()) return true;
      if (!this.step()) return condition();
    }
    throw new Error(`seed ${this.seed}: no end after ${MOST_STEPS} events`);
  }

  /** As `run`, but what waits for a promise gets its turn after every event; `turn` replaces how. */
  async until(condition: () => boolean, turn: () => Promise<void> = microtasks): Promise<boolean> {
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      await turn();
      if (condition()) return true;
      if (this.step()) continue;
      await turn();
      if (condition()) return true;
      if (this.clock.pending === 0) return false;
    }
    throw new Error(`seed ${this.seed}: no end after ${MOST_STEPS} events`);
  }

  /**
   * Listens, at once.
   * @throws TransportError of operation `listen`
   */
  listen(options: ListenOptions, sink: ListenerSink): MemoryListener {
    const listener = new MemoryListener(sink, (closing) => {
      this.#addresses.release(closing.address);
      this.clock.schedule(0, () => sink.onClose(null));
    });
    listener.address = this.#addresses.bind(options, listener);
    return listener;
  }

  /** Connects; the sink hears of it from the event loop, once. Nothing reads the socket until an endpoint owns it. */
  connectSocket(options: ConnectOptions, wanted: ConnectSink<MemorySocket>): void {
    const { host, port, signal } = options;
    const sink = signal === undefined ? wanted : this.#untilGivenUp(signal, wanted);
    if (signal?.aborted === true || this.#silentHosts.has(host)) return;
    const peer: PeerAddress = { host, port };
    const connection = this.#connections++;
    const toServer = this.#link(connection, 'toServer');
    const toClient = this.#link(connection, 'toClient');
    this.clock.schedule(toServer.faults.latencyMs ?? 0, () => {
      let listener: MemoryListener;
      try {
        listener = this.#addresses.find(peer);
      } catch (error) {
        sink.onFailure(error as TransportError);
        return;
      }
      const local: PeerAddress = { host, port: this.#addresses.ephemeralPort() };
      toServer.pipe.reverse = toClient.pipe;
      toClient.pipe.reverse = toServer.pipe;
      const server = new MemorySocket(peer, local, toServer.pipe, toClient.pipe);
      const client = new MemorySocket(local, peer, toClient.pipe, toServer.pipe);
      this.clock.schedule(0, () => this.#accept(listener, server));
      this.clock.schedule(toClient.faults.latencyMs ?? 0, () => sink.onConnect(client));
    });
  }

  /** Passes on what comes of an attempt, or that it was given up; a connection that is made after that is reset. */
  #untilGivenUp(signal: CancelSignal, sink: ConnectSink<MemorySocket>): ConnectSink<MemorySocket> {
    let settled = false;
    const onAbort = (): void => {
      settled = true;
      signal.removeEventListener('abort', onAbort);
      this.clock.schedule(0, () => sink.onFailure(new TransportError('connect', 'closed')));
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    const settle = (): boolean => {
      if (settled) return false;
      settled = true;
      signal.removeEventListener('abort', onAbort);
      return true;
    };
    return {
      onConnect(socket) {
        if (settle()) sink.onConnect(socket);
        else socket.destroy();
      },
      onFailure(error) {
        if (settle()) sink.onFailure(error);
      },
    };
  }

  /** Connects; the sink gets an endpoint, which it attaches to or closes before it returns. */
  connect(options: ConnectOptions, sink: ConnectSink<MemoryEndpoint>): void {
    this.connectSocket(options, {
      onConnect: (socket) => sink.onConnect(this.endpoint(socket)),
      onFailure: (error) => sink.onFailure(error),
    });
  }

  /** An endpoint over a socket that nobody owns. */
  endpoint(socket: MemorySocket): MemoryEndpoint {
    return new MemoryEndpoint(this.clock, this.pool, socket);
  }

  /** The next `count` connections are lost while they are accepted, as if descriptors had run out. */
  failAccepts(count: number): void {
    this.#acceptsToFail += count;
  }

  #accept(listener: MemoryListener, socket: MemorySocket): void {
    if (!listener.isOpen) {
      socket.destroy();
    } else if (this.#acceptsToFail > 0 || this.#random.chance(this.#acceptFailureChance)) {
      if (this.#acceptsToFail > 0) this.#acceptsToFail--;
      socket.destroy();
      listener.fail(new TransportError('accept', 'tooManyDescriptors'));
    } else {
      listener.sink.onAccept(this.endpoint(socket));
    }
  }

  #link(connection: number, direction: Direction): { pipe: Pipe; faults: LinkFaults } {
    const random = new Random(this.seed, 2 * connection + (direction === 'toServer' ? 1 : 2));
    const faults = this.#plan(connection, direction, random);
    return { pipe: new Pipe(this.clock, random, faults, this.#pipeBytes), faults };
  }
}

const settled = Promise.resolve();

async function microtasks(): Promise<void> {
  for (let turn = 0; turn < MICROTASK_TURNS; turn++) await settled;
}
