// Open connections, and the counts an operator asks for. It is told when a connection opens and when it closes, never of
// messages; counts by state are taken from the connections themselves when asked for, so a chart step costs nothing here.

import { closeReasons, type CloseReason, type Connection, type Phase } from '@sluice/connection';

/** Told what the registry learns, for logs. Calls come in the order of events, from the event loop. */
export interface RegistryListener {
  onClosed(connection: Connection, reason: CloseReason): void;
  onCrash(connection: Connection, error: unknown): void;
}

export interface ConnectionCounts {
  readonly phase: Phase;
  readonly protocol: string;
  readonly count: number;
}

/** Something that makes connections of its own accord, again and again: an outbound connector. */
export interface Connecting {
  /** End in good order, and make no further connection. */
  stop(): void;
}

/** How far a drain is. */
export interface DrainProgress {
  /** Connectors and connections that were told to go. Those that were ending already are not told again. */
  readonly told: number;
  /** Connections that are open still, told or not. */
  readonly left: number;
  /** Connections that had to be aborted at the deadline. */
  readonly aborted: number;
}

export class ConnectionRegistry {
  readonly #connections = new Map<number, Connection>();
  readonly #closes = new Map<CloseReason, number>(closeReasons.map((reason) => [reason, 0]));
  readonly #listener: RegistryListener;
  /** Open connections that were started only to be turned away. */
  readonly #refused = new Set<number>();
  readonly #connecting = new Set<Connecting>();
  /** Of the latest drain; null before the first. */
  draining: DrainProgress | null = null;
  #waiters: (() => void)[] = [];
  #opened = 0;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(listener: RegistryListener) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Open connections without those that are being turned away: what a bound on connections counts. */
  get admitted(): number {
    return this.#connections.size - this.#refused.size;
  }

  /** Open connections that are being turned away. */
  get refused(): number {
    return this.#refused.size;
  }

  /** Connections opened since the start. */
  get opened(): number {
    return this.#opened;
  }

  get(id: number): Connection | undefined {
    return this.#connections.get(id);
  }

  /** What makes connections for this registry, and has to be stopped before they are told to go: they would come back. */
  connecting(): IterableIterator<Connecting> {
    return this.#connecting.values();
  }

  /** Answers how to take it out again. */
  addConnecting(connecting: Connecting): () => void {
    this.#connecting.add(connecting);
    return () => this.#connecting.delete(connecting);
  }

  /** In the order of opening. */
  all(): IterableIterator<Connection> {
    return this.#connections.values();
  }

  /** How many closed for each reason; every reason is there, also with 0. */
  closes(): ReadonlyMap<CloseReason, number> {
    return this.#closes;
  }

  /** Bytes received and handed to the kernel by connections that have closed. */
  get closedTraffic(): { bytesIn: number; bytesOut: number } {
    return { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut };
  }

  /** Bytes received and handed to the kernel since the start, by open and by closed connections. */
  traffic(): { bytesIn: number; bytesOut: number } {
    let { bytesIn, bytesOut } = this.closedTraffic;
    for (const { endpoint } of this.#connections.values()) {
      bytesIn += endpoint.bytesIn;
      bytesOut += endpoint.bytesOut;
    }
    return { bytesIn, bytesOut };
  }

  /** Open connections by state and protocol. */
  counts(): ConnectionCounts[] {
    const counts = new Map<string, { phase: Phase; protocol: string; count: number }>();
    for (const { state, session } of this.#connections.values()) {
      const key = `${state.phase} ${session.protocol}`;
      const entry = counts.get(key);
      if (entry === undefined) counts.set(key, { phase: state.phase, protocol: session.protocol, count: 1 });
      else entry.count++;
    }
    return [...counts.values()];
  }

  add(connection: Connection): void {
    this.#opened++;
    this.#connections.set(connection.id, connection);
  }

  /** A connection that lives only until its peer has been told that there is no room. */
  addRefused(connection: Connection): void {
    this.add(connection);
    this.#refused.add(connection.id);
  }

  /** The connection has closed: counted, told, forgotten. */
  remove(connection: Connection, reason: CloseReason): void {
    if (!this.#connections.delete(connection.id)) return;
    this.#refused.delete(connection.id);
    this.#closes.set(reason, (this.#closes.get(reason) ?? 0) + 1);
    this.#bytesIn += connection.endpoint.bytesIn;
    this.#bytesOut += connection.endpoint.bytesOut;
    this.#listener.onClosed(connection, reason);
    if (this.#connections.size === 0) {
      const waiters = this.#waiters;
      this.#waiters = [];
      for (const waiter of waiters) waiter();
    }
  }

  onCrash(connection: Connection, error: unknown): void {
    this.#listener.onCrash(connection, error);
  }

  /** Calls back once no connection is open; at once when that is so. Answers how to stop waiting. */
  whenEmpty(callback: () => void): () => void {
    if (this.#connections.size === 0) {
      callback();
      return () => {};
    }
    this.#waiters.push(callback);
    return () => {
      this.#waiters = this.#waiters.filter((waiter) => waiter !== callback);
    };
  }
}
