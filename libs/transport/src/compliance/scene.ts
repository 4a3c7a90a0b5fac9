// The stage of one test: a fresh transport, its listeners, the sides of every connection, and the check at the end that
// all of it is gone and nothing was broken on the way.

import { Pool, shareBytes, type Bucket } from '@sluice/brigade';
import type { Endpoint, PeerAddress } from '../endpoint.ts';
import { TransportError } from '../errors.ts';
import type { Listener, ListenerSink } from '../transport.ts';
import type { TransportSetUp, TransportUnderTest } from './set-up.ts';
import { Side, type CallDepth } from './side.ts';
import type { TestApi } from './test-api.ts';

/** A listener and what came of it. */
export interface Stand {
  readonly listener: Listener;
  readonly address: PeerAddress;
  /** Accepted so far. */
  readonly sides: Side[];
  readonly errors: TransportError[];
  closes: (TransportError | null)[];
  /** Called in `onAccept`, after the side was made. */
  inAccept: ((side: Side) => void) | null;
  /** When set, gets each accepted endpoint in place of a side. */
  take: ((endpoint: Endpoint) => void) | null;
}

export class Scene {
  readonly test: TestApi;
  readonly setUp: TransportSetUp;
  readonly under: TransportUnderTest;
  readonly pool = new Pool('compliance');
  readonly sides: Side[] = [];
  readonly stands: Stand[] = [];
  readonly #calls: CallDepth = { depth: 0 };

  private constructor(test: TestApi, setUp: TransportSetUp, under: TransportUnderTest) {
    this.test = test;
    this.setUp = setUp;
    this.under = under;
  }

  /** Opens a scene, plays the body in it, and strikes it. */
  static async play(test: TestApi, setUp: TransportSetUp, body: (scene: Scene) => Promise<void>): Promise<void> {
    const under = await setUp.open();
    try {
      const scene = new Scene(test, setUp, under);
      await body(scene);
      await scene.#strike();
    } finally {
      await under.close();
    }
  }

  expect(actual: unknown, message?: string): ReturnType<TestApi['expect']> {
    return this.test.expect(actual, message);
  }

  /** Turns the event loop until the condition holds; the test fails when it does not. */
  async until(what: string, condition: () => boolean): Promise<void> {
    if (!(await this.under.until(condition))) throw new Error(`it never came to this: ${what}. ${this.#describe()}`);
  }

  settle(): Promise<void> {
    return this.under.settle();
  }

  /** Waits for a promise while the event loop turns. */
  async settled<T>(promise: Promise<T>): Promise<T> {
    let done = false;
    const finished = (): void => {
      done = true;
    };
    promise.then(finished, finished);
    await this.until('a promise settles', () => done);
    return promise;
  }

  /** Waits for a promise to reject with a TransportError. */
  async failure(promise: Promise<unknown>): Promise<TransportError> {
    const outcome = await this.settled(promise.catch((error: unknown) => error));
    if (outcome instanceof TransportError) return outcome;
    throw new Error(`expected a TransportError, got ${String(outcome)}`);
  }

  async listen(host: string = this.setUp.host, port = 0): Promise<Stand> {
    const sides: Side[] = [];
    const errors: TransportError[] = [];
    const sink: ListenerSink = {
      onAccept: (endpoint) => {
        if (stand.take !== null) return stand.take(endpoint);
        const side = this.side(`server ${sides.length}`, endpoint);
        sides.push(side);
        stand.inAccept?.(side);
      },
      onError: (error) => errors.push(error),
      onClose: (error) => stand.closes.push(error),
    };
    const listener = await this.settled(this.under.transport.listen({ host, port }, sink));
    const stand: Stand = { listener, address: listener.address, sides, errors, closes: [], inAccept: null, take: null };
    this.stands.push(stand);
    return stand;
  }

  async connect(stand: Stand): Promise<Side> {
    const { host, port } = stand.address;
    const endpoint = await this.settled(this.under.transport.connect({ host, port }));
    return this.side(`client ${this.sides.length}`, endpoint);
  }

  /** Two sides connected with one another, reading neither. */
  async pair(): Promise<{ client: Side; server: Side }> {
    const stand = await this.listen();
    const client = await this.connect(stand);
    await this.until('the connection is accepted', () => stand.sides.length === 1);
    return { client, server: stand.sides[0] };
  }

  side(name: string, endpoint: Endpoint): Side {
    const side = new Side(name, endpoint, this.pool, this.#calls);
    this.sides.push(side);
    return side;
  }

  /** Writes a shared bucket again and again, `copies` times, by one reference each. */
  writeShared(side: Side, bytes: Uint8Array, copies: number): void {
    const shared = shareBytes(this.pool, bytes);
    const references: Bucket[] = [];
    for (let copy = 0; copy < copies; copy++) references.push(shared.retain());
    shared.release();
    side.write(...references);
  }

  /** Waits until the side has received so many bytes. */
  async received(side: Side, bytes: number): Promise<void> {
    await this.until(`${bytes} bytes have arrived`, () => side.received >= bytes);
    this.expect(side.received).toBe(bytes);
  }

  async allClosed(...sides: Side[]): Promise<void> {
    await this.until('onClose has come', () => sides.every((side) => side.closed));
  }

  async #strike(): Promise<void> {
    for (const stand of this.stands) stand.listener.close();
    for (const side of this.sides) if (!side.closed) side.abort();
    await this.until('everything is closed at the end', () => this.sides.every((side) => side.closed) && this.stands.every((stand) => stand.closes.length > 0));
    await this.settle();
    this.expect(this.sides.flatMap((side) => side.violations)).toEqual([]);
    for (const side of this.sides) this.expect(side.events.filter((event) => event === 'close' || event === 'failure').length, 'onClose calls').toBe(1);
    for (const stand of this.stands) this.expect(stand.closes.length, 'onClose calls of a listener').toBe(1);
    for (const pool of [this.pool, ...(this.under.pools ?? [])]) this.expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    this.pool.destroy();
  }

  #describe(): string {
    return this.sides
      .map((side, index) => {
        const { received, ended, closed, closeError, endpoint } = side;
        const state = closed ? `closed (${closeError?.message ?? 'no error'})` : ended ? 'ended' : 'open';
        return `side ${index}: ${state}, ${received} received, ${endpoint.queuedBytes} queued, violations [${side.violations.join('; ')}]`;
      })
      .join(' | ');
  }
}
