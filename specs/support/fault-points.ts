// Failures at chosen moments. Every operation that a victim's connection causes is a point, counted from 1; the run's chosen point
// fails, in one of these ways:
//
//   throwBefore  the operation throws instead of being done
//   throwAfter   it is done, then throws
//   reset        the peer resets the connection just before it
//   end          the peer sends FIN just before it
//
// Points are operations of endpoints, callbacks of endpoints, methods of sessions, engines, hub and pools (patched for the
// run), and of the file system. A point belongs to the connection on whose behalf it runs: bystanders' never fail.

import type { Brigade } from '@sluice/brigade';
import type { Endpoint, EndpointSink, Listener, ListenOptions, ListenerSink, PeerAddress, Transport, TransportError } from '@sluice/transport';

export type FaultMode = 'throwBefore' | 'throwAfter' | 'reset' | 'end';

export class InjectedFault extends Error {
  override readonly name = 'InjectedFault';
}

/** A connection, by its peer's port. */
type Owner = number | null;

/** What fails to be acquired, or taken over, has not been: these fail before. */
const acquisitions = new Set(['join', 'subpool', 'sendBucket', 'connect', 'resolve']);
/** Letting go cannot be asked for twice: these are done, and may fail afterwards. */
const releases = new Set(['close', 'abort', 'end', 'onClose', 'destroy']);

export class FaultPoints {
  mode: FaultMode;
  target: number;
  reached = 0;
  /** The operation that failed. */
  hit: string | null = null;
  /** What came out where nobody would have caught it: into a transport, or the event loop. */
  readonly escaped: string[] = [];
  /** Resets or ends a victim's connection from its peer's side. */
  peerFault: (port: number, mode: 'reset' | 'end') => void = () => {};
  /** Peers whose connections fail: who is accepted while `takesVictims` is true. */
  readonly victims = new Set<number>();
  takesVictims = false;
  #current: Owner = null;

  /** Point 0 is none: the run without a failure. */
  constructor(mode: FaultMode, target: number) {
    this.mode = mode;
    this.target = target;
  }

  /** Begins another run of the same gateway. */
  again(mode: FaultMode, target: number): void {
    this.mode = mode;
    this.target = target;
    this.reached = 0;
    this.hit = null;
    this.victims.clear();
  }

  /** Does the operation on behalf of the connection: of `owner`, or of the one whose operation this is part of. */
  around<T>(name: string, owner: Owner, operation: () => T): T {
    const before = this.#current;
    const of = owner ?? before;
    this.#current = of;
    try {
      if (of === null || !this.victims.has(of) || ++this.reached !== this.target) return operation();
      this.hit = name;
      if (this.mode === 'reset' || this.mode === 'end') {
        this.peerFault(of, this.mode);
        return operation();
      }
      const method = name.slice(name.indexOf('.') + 1);
      if (releases.has(method) || (this.mode === 'throwAfter' && !acquisitions.has(method))) operation();
      throw new InjectedFault(name);
    } finally {
      this.#current = before;
    }
  }

  /** Operations within belong to that connection; what is asked for it is no point itself. */
  onBehalf<T>(owner: number, operation: () => T): T {
    const before = this.#current;
    this.#current = owner;
    try {
      return operation();
    } finally {
      this.#current = before;
    }
  }

  /** For callbacks of a transport: points at which the peer may fail. What comes out of one has escaped. */
  callback(name: string, owner: number, operation: () => void): void {
    const before = this.#current;
    this.#current = owner;
    try {
      if ((this.mode === 'reset' || this.mode === 'end') && this.victims.has(owner) && ++this.reached === this.target) {
        this.hit = name;
        this.peerFault(owner, this.mode);
      }
      operation();
    } catch (error) {
      this.escaped.push(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    } finally {
      this.#current = before;
    }
  }
}

export interface FaultyTransportOptions {
  /**
   * What a transport is asked may be thrown back. Off below a layer that is itself a transport: the contract's operations do not throw,
   * and it is the connection above that has to stand it all the same. Default true.
   */
  readonly throws?: boolean;
}

/** A transport whose accepted connections have points. */
export class FaultyTransport implements Transport {
  readonly name = 'faulty';
  readonly #inner: Transport;
  readonly #points: FaultPoints;
  readonly #throws: boolean;

  constructor(inner: Transport, points: FaultPoints, { throws = true }: FaultyTransportOptions = {}) {
    this.#inner = inner;
    this.#points = points;
    this.#throws = throws;
  }

  listen(options: ListenOptions, sink: ListenerSink): Promise<Listener> {
    const points = this.#points;
    return this.#inner.listen(options, {
      onAccept: (endpoint) => {
        const { port } = endpoint.peer;
        if (points.takesVictims) points.victims.add(port);
        points.callback('sink.onAccept', port, () => sink.onAccept(new FaultyEndpoint(endpoint, points, this.#throws)));
      },
      onError: (error) => sink.onError(error),
      onClose: (error) => sink.onClose(error),
    });
  }

  connect(options: PeerAddress): Promise<Endpoint> {
    return this.#inner.connect(options);
  }
}

/** Its operations are points already. */
export function isFaulty(endpoint: Endpoint | undefined): boolean {
  return endpoint instanceof FaultyEndpoint;
}

export class FaultyEndpoint implements Endpoint, EndpointSink {
  readonly #inner: Endpoint;
  readonly #points: FaultPoints;
  readonly #owner: number;
  readonly #throws: boolean;
  #sink: EndpointSink | null = null;

  /** The connection goes by its peer's port, or by `owner`. */
  constructor(inner: Endpoint, points: FaultPoints, throws = true, owner: number = inner.peer.port) {
    this.#inner = inner;
    this.#points = points;
    this.#throws = throws;
    this.#owner = owner;
  }

  get peer(): PeerAddress {
    return this.#inner.peer;
  }

  get local(): PeerAddress {
    return this.#inner.local;
  }

  get queuedBytes(): number {
    return this.#inner.queuedBytes;
  }

  get bytesIn(): number {
    return this.#inner.bytesIn;
  }

  get bytesOut(): number {
    return this.#inner.bytesOut;
  }

  attach(sink: EndpointSink): void {
    this.#sink = sink;
    this.#do('attach', () => this.#inner.attach(this));
  }

  setReading(wanted: boolean): void {
    this.#do('setReading', () => this.#inner.setReading(wanted));
  }

  write(brigade: Brigade): void {
    this.#do('write', () => this.#inner.write(brigade));
  }

  shutdown(): void {
    this.#do('shutdown', () => this.#inner.shutdown());
  }

  close(): void {
    this.#do('close', () => this.#inner.close());
  }

  abort(): void {
    this.#do('abort', () => this.#inner.abort());
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.#tell('onBytes', (sink) => sink.onBytes(bytes, start, end));
  }

  onEnd(): void {
    this.#tell('onEnd', (sink) => sink.onEnd());
  }

  onProgress(): void {
    this.#tell('onProgress', (sink) => sink.onProgress());
  }

  onClose(error: TransportError | null): void {
    this.#tell('onClose', (sink) => sink.onClose(error));
  }

  #do(name: string, operation: () => void): void {
    const points = this.#points;
    if (this.#throws) points.around(`endpoint.${name}`, this.#owner, operation);
    else if (points.mode === 'reset' || points.mode === 'end') points.around(`inner.${name}`, this.#owner, operation);
    else operation();
  }

  #tell(name: string, tell: (sink: EndpointSink) => void): void {
    const sink = this.#sink;
    if (sink !== null) this.#points.callback(`sink.${name}`, this.#owner, () => tell(sink));
  }
}

type Method = (...parameters: unknown[]) => unknown;

/** Turns methods into points for as long as a run lasts. */
export class Patches {
  readonly #undo: (() => void)[] = [];
  readonly #patched = new Set<object>();
  points: FaultPoints | null = null;

  /** `ownerOf` tells the connection that an object serves; null for whoever is being served. */
  patch(prototype: object, className: string, names: readonly string[], ownerOf: (self: object) => Owner = () => null): void {
    const methods = prototype as Record<string, Method | undefined>;
    const patches = this; // oxlint-disable-line typescript/no-this-alias -- a patched method's own `this` is the patched object
    for (const name of names) {
      const original = methods[name];
      if (original === undefined || this.#patched.has(original)) continue;
      methods[name] = function patched(this: object, ...parameters) {
        const { points } = patches;
        if (points === null) return original.apply(this, parameters);
        return points.around(`${className}.${name}`, ownerOf(this), () => original.apply(this, parameters));
      };
      this.#patched.add(methods[name]);
      this.#undo.push(() => {
        methods[name] = original;
      });
    }
  }

  /** Puts another method in place of one, until `undo`. */
  replace<T extends object, K extends keyof T>(prototype: T, name: K, method: T[K]): void {
    const original = prototype[name];
    prototype[name] = method;
    this.#undo.push(() => {
      prototype[name] = original;
    });
  }

  undo(): void {
    for (const undo of this.#undo) undo();
  }
}
