// Connections on the network in memory, straight to one handler of sockets or requests: no gateway.

import { Pool } from '@sluice/brigade';
import {
  Connection,
  HttpSession,
  TurnQueue,
  WebSocketSession,
  defaultTimeouts,
  noThrottles,
  type ConnectionHost,
  type HttpHandler,
  type Session,
  type WebSocketHandler,
} from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { TimingWheel, WheelDriver } from '@sluice/timing';
import type { PeerAddress } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import { WebSocketEngine } from '@sluice/websocket';
import { MemoryClient } from './client.ts';

export interface SocketsOptions {
  readonly outboundBytes?: number;
  readonly pipeBytes?: number;
}

export class SocketsInMemory {
  readonly network: MemoryNetwork;
  readonly pool = new Pool('sockets');
  /** Connections that have closed, each with its reason. */
  readonly closes: string[] = [];
  /** The open ones, in the order of connecting. */
  readonly connections = new Set<Connection>();
  readonly #host: ConnectionHost;
  #address: PeerAddress | null = null;

  constructor({ outboundBytes = 64 * 1024, pipeBytes = 64 * 1024 }: SocketsOptions = {}) {
    this.network = new MemoryNetwork({ seed: 1, pipeBytes });
    const { clock } = this.network;
    const wheel = new TimingWheel({ startMs: 0 });
    new WheelDriver(wheel, clock, clock).unref();
    this.#host = {
      clock,
      wheel,
      pool: this.pool,
      turn: new TurnQueue((run) => void clock.schedule(0, run)),
      windows: { outboundBytes, outboundLowBytes: outboundBytes / 4, coalesceBytes: outboundBytes },
      timeouts: { ...defaultTimeouts, closeTimeoutMs: 500 },
      throttles: noThrottles,
      observer: {
        onStep() {},
        onCrash: (_connection, error) => {
          throw error;
        },
        onClosed: (connection, reason) => {
          this.closes.push(reason);
          this.connections.delete(connection);
          connection.pool.destroy();
        },
      },
    };
  }

  /** One handler for all sockets, or one made for each. */
  serve(handler: WebSocketHandler | (() => WebSocketHandler)): void {
    this.#listen((pool) => {
      const own = typeof handler === 'function' ? handler() : handler;
      return new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), own, { pingIntervalMs: 0, idleTimeoutMs: 0 });
    });
  }

  /** Requests, which may upgrade. */
  serveRequests(handler: HttpHandler): void {
    const date = (): string => 'Thu, 01 Jan 1970 00:00:00 GMT';
    this.#listen((pool) => new HttpSession(new Http1Engine({ role: 'server', pool, date }), handler, { keepAliveTimeoutMs: 0 }));
  }

  #listen(makeSession: (pool: Pool) => Session): void {
    const { address } = this.network.listen(
      { host: 'memory', port: 0 },
      {
        onAccept: (endpoint) => {
          const pool = this.pool.subpool();
          const session = makeSession(pool);
          const connection = new Connection(endpoint, this.#host, session, pool);
          this.connections.add(connection);
          connection.start();
          if (session instanceof WebSocketSession) connection.established();
        },
        onError() {},
        onClose() {},
      },
    );
    this.#address = address;
  }

  /** A client whose connection has been accepted. */
  connect(): MemoryClient {
    const { size } = this.connections;
    const client = MemoryClient.connect(this.network, this.#address!);
    this.network.run(() => this.connections.size > size);
    return client;
  }

  /** Runs everything that happens within so much time. */
  pass(ms: number): void {
    this.network.clock.advanceBy(ms);
  }
}
