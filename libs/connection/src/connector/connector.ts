// Keeps one outbound connection: looks the name up, tries its addresses in turn, hands the endpoint to a session, and comes back after a
// loss. What happens is reported to the chart (connector-chart.ts) as an event; what the chart answers is carried out here.
//
// At any time there is at most one look-up, one attempt or one connection. Each is held by exactly one field; giving it up clears the
// field first, so that what it still says afterwards is not heard, and an endpoint that comes too late is closed.

import { NO_DEADLINE, type DeadlineName, type DeadlineOwner } from '@sluice/timing';
import { TransportError, type Endpoint, type PeerAddress } from '@sluice/transport';
import { Connection } from '../connection.ts';
import type { ConnectionHost } from '../host.ts';
import { interleaveFamilies } from './address-order.ts';
import { backoffDelayMs, defaultBackoff, type BackoffSettings } from './backoff.ts';
import { Cancellation } from './cancellation.ts';
import { ConnectFailure, type ConnectFailureFacts, type ConnectStage } from './connect-failure.ts';
import type { ConnectorAction, ConnectorEventType, ConnectorTimer } from './connector-chart.ts';
import { defaultConnectorTimeouts, type ConnectorOptions, type ConnectorTimeouts } from './connector-options.ts';
import { connectorSteps, type ConnectorSnapshot, type ConnectorState } from './connector-steps.ts';
import { outboundHost } from './outbound-host.ts';
import type { OutboundSession } from './outbound-session.ts';

export type ConnectorListener = (snapshot: ConnectorSnapshot) => void;

let connectors = 0;

const operations = { resolving: 'resolve', connecting: 'connect', handshaking: 'handshake' } as const;

export class Connector implements DeadlineOwner {
  /** Unique in this process. */
  readonly id: number = ++connectors;
  readonly target: PeerAddress;
  state: ConnectorState = connectorSteps.initialStep().target;
  /** Handshaking or established; `null` while there is none. */
  connection: Connection | null = null;
  /** The address at hand, or the last one. */
  address: PeerAddress | null = null;
  /** Addresses of this round that were not tried yet. */
  addressesLeft: readonly string[] = [];
  /** Rounds without a stable connection, in a row. */
  failedRounds = 0;
  /** The latest. */
  failure: ConnectFailure | null = null;
  /** The wheel's own. */
  firstDeadline: number = NO_DEADLINE;
  /** Of the host's clock. */
  readonly openedAtMs: number;
  /** A flight recorder's own: where it keeps the steps of this connector; −1 for nowhere. */
  flight: number = -1;

  readonly #options: ConnectorOptions;
  readonly #timeouts: ConnectorTimeouts;
  readonly #backoff: BackoffSettings;
  readonly #host: ConnectionHost;
  /** The look-up or the connecting under way. */
  #attempt: Cancellation | null = null;
  #endpoint: Endpoint | null = null;
  #session: OutboundSession | null = null;
  /** What our own code threw in this connection. */
  #crash: unknown = null;
  #connectedAtMs = 0;
  #retryHintMs: number | null = null;
  #waitMs = 0;
  #gaveUp = false;
  #mailbox: ConnectorEventType[] = [];
  #stepping = false;
  #listeners: readonly ConnectorListener[] = [];

  constructor(options: ConnectorOptions) {
    const { host, target } = options;
    this.#options = options;
    this.target = target;
    this.openedAtMs = host.clock.now();
    this.#timeouts = { ...defaultConnectorTimeouts, ...options.timeouts };
    this.#backoff = { ...defaultBackoff, ...options.backoff };
    // A connection that was given up is no longer `connection`: what it still says is not heard.
    this.#host = outboundHost(host, {
      onEstablished: (connection) => {
        if (connection === this.connection) this.send('ESTABLISHED');
      },
      onCrash: (connection, error) => {
        if (connection === this.connection) this.#crash ??= error;
      },
      onClosed: (connection) => {
        if (connection === this.connection) this.#onLost(connection);
      },
    });
  }

  start(): void {
    this.send('START');
  }

  /** Ends: an established connection says its goodbye first, everything else is given up at once. */
  stop(): void {
    this.send('STOP');
  }

  /** Ends at once. */
  abort(): void {
    this.send('ABORT');
  }

  /** Cuts the wait before the next round short: the network is back, or a person asks. */
  retryNow(): void {
    this.send('RETRY.NOW');
  }

  /** When the next round begins, of the host's clock; `Infinity` unless it is waiting. */
  get retryAtMs(): number {
    return this.#host.wheel.dueAt(this, 'reconnect');
  }

  // ── as an XState actor ──────────────────────────────────────────────────────────────────────────────────────────

  get sessionId(): string {
    return `connector:${this.id}`;
  }

  getSnapshot(): ConnectorSnapshot {
    return this.state.snapshot;
  }

  /** Called after every step of the chart. */
  subscribe(listener: ConnectorListener): { unsubscribe(): void } {
    this.#listeners = [...this.#listeners, listener];
    return { unsubscribe: () => void (this.#listeners = this.#listeners.filter((one) => one !== listener)) };
  }

  /** Feeds one event to the chart. Events sent by an action or an observer are handled after it, in order. */
  send(type: ConnectorEventType): void {
    this.#mailbox.push(type);
    if (this.#stepping) return;
    this.#stepping = true;
    try {
      for (let mail = this.#mailbox.shift(); mail !== undefined; mail = this.#mailbox.shift()) this.#take(mail);
    } finally {
      this.#stepping = false;
    }
  }

  onTimeout(name: DeadlineName): void {
    this.send(`TIMEOUT.${name as ConnectorTimer}`);
  }

  // ── the chart's actions ─────────────────────────────────────────────────────────────────────────────────────────

  #take(type: ConnectorEventType): void {
    const from = this.state;
    // As an actor of XState takes nothing once it is done.
    if (from.phase === 'stopped') return;
    const step = connectorSteps.stepFrom(from, type);
    if (!step.taken) return;
    this.state = step.target;
    for (const action of step.actions) this.#perform(action);
    this.#options.observer?.onStep?.(this, from, step.target, type);
    for (const listener of this.#listeners) listener(step.target.snapshot);
    if (step.target.phase === 'stopped') this.#options.observer?.onStopped?.(this, this.#gaveUp ? this.failure : null);
  }

  #perform(action: ConnectorAction): void {
    switch (action.type) {
      case 'arm':
        this.#arm(action.params.timer);
        break;
      case 'disarm':
        this.#host.wheel.cancel(this, action.params.timer);
        break;
      case 'resolve':
        this.#resolve();
        break;
      case 'choose':
        this.#choose();
        break;
      case 'connect':
        this.#connect();
        break;
      case 'open':
        this.#open();
        break;
      case 'announce':
        this.#connectedAtMs = this.#host.clock.now();
        if (this.connection !== null) this.#options.observer?.onConnected?.(this, this.connection);
        break;
      case 'timedOut':
        this.#timedOut();
        break;
      case 'cancel':
        this.#cancel();
        break;
      case 'plan':
        this.#plan();
        break;
      case 'drain':
        this.connection?.finish('served');
        break;
      case 'release':
        this.#host.wheel.cancelAll(this);
        break;
    }
  }

  #arm(timer: ConnectorTimer): void {
    const delayMs = this.#delayOf(timer);
    if (delayMs > 0 || timer === 'reconnect') this.#host.wheel.arm(this, timer, this.#host.clock.now() + delayMs);
  }

  #delayOf(timer: ConnectorTimer): number {
    switch (timer) {
      case 'dnsResolve':
        return this.#timeouts.dnsResolveTimeoutMs;
      case 'connecting':
        return this.#timeouts.connectingTimeoutMs;
      case 'handshake':
        return this.#timeouts.handshakeTimeoutMs;
      case 'reconnect':
        return this.#waitMs;
    }
  }

  #resolve(): void {
    const { resolver } = this.#options;
    const attempt = new Cancellation();
    this.#attempt = attempt;
    this.address = null;
    this.addressesLeft = [];
    new Promise<readonly string[]>((settle) => settle(resolver.resolve(this.target.host, attempt))).then(
      (addresses) => {
        if (!this.#isCurrent(attempt)) return;
        this.addressesLeft = interleaveFamilies(addresses);
        if (addresses.length > 0) {
          this.send('RESOLVED');
        } else {
          this.#fail({ stage: 'resolving', address: this.target, cause: new TransportError('resolve', 'notFound') });
          this.send('RESOLVE.FAILED');
        }
      },
      (cause: unknown) => {
        if (!this.#isCurrent(attempt)) return;
        this.#fail({ stage: 'resolving', address: this.target, cause });
        this.send('RESOLVE.FAILED');
      },
    );
  }

  #choose(): void {
    const [host, ...left] = this.addressesLeft;
    this.addressesLeft = left;
    if (host !== undefined) this.address = { host, port: this.target.port };
    this.send(host === undefined ? 'ADDRESSES.NONE' : 'ADDRESS');
  }

  #connect(): void {
    const { transport, observer } = this.#options;
    const address = this.#addressAtHand();
    const attempt = new Cancellation();
    this.#attempt = attempt;
    observer?.onAttempt?.(this, address);
    const options = { ...address, serverName: this.target.host, signal: attempt };
    new Promise<Endpoint>((settle) => settle(transport.connect(options))).then(
      (endpoint) => {
        if (!this.#isCurrent(attempt)) {
          endpoint.close();
          return;
        }
        this.#endpoint = endpoint;
        this.send('CONNECTED');
      },
      (cause: unknown) => {
        if (!this.#isCurrent(attempt)) return;
        this.#fail({ stage: 'connecting', address, cause });
        this.send('CONNECT.FAILED');
      },
    );
  }

  /** Whether anybody still waits for this look-up or attempt; if so, it is over now. */
  #isCurrent(attempt: Cancellation): boolean {
    if (this.#attempt !== attempt) return false;
    this.#attempt = null;
    return true;
  }

  #open(): void {
    const endpoint = this.#endpoint as Endpoint;
    this.#endpoint = null;
    const address = this.#addressAtHand();
    const pool = this.#host.pool.subpool();
    let connection: Connection;
    try {
      this.#session = this.#options.makeSession({ pool, address });
      connection = new Connection(endpoint, this.#host, this.#session, pool);
    } catch (cause) {
      endpoint.close();
      pool.destroy();
      this.#fail({ stage: 'handshaking', address, cause });
      this.send('LOST');
      return;
    }
    this.connection = connection;
    this.#crash = null;
    connection.start();
  }

  #onLost(connection: Connection): void {
    const session = this.#session;
    const refusal = session?.refusal ?? null;
    this.connection = null;
    this.#session = null;
    this.#retryHintMs = session?.retryAfterMs ?? null;
    if (this.state.phase !== 'stopping') {
      const stage: ConnectStage = this.state.phase === 'handshaking' ? 'handshaking' : 'connected';
      this.#fail({ stage, address: this.#addressAtHand(), cause: connection.failure ?? this.#crash, reason: connection.reason, refusal });
    }
    this.send(refusal === null ? 'LOST' : 'REFUSED');
  }

  #timedOut(): void {
    const address = this.address ?? this.target;
    const stage = this.connection !== null ? 'handshaking' : this.address === null ? 'resolving' : 'connecting';
    this.#cancel();
    this.#fail({ stage, address, cause: new TransportError(operations[stage], 'timedOut') });
  }

  #cancel(): void {
    const attempt = this.#attempt;
    const connection = this.connection;
    const endpoint = this.#endpoint;
    this.#attempt = null;
    this.connection = null;
    this.#session = null;
    this.#endpoint = null;
    attempt?.cancel();
    connection?.abort(this.state.phase === 'stopped' ? 'aborted' : 'handshakeTimeout');
    endpoint?.close();
  }

  #plan(): void {
    const { stableAfterMs, maxFailedRounds } = this.#backoff;
    const wasStable = this.failure?.stage === 'connected' && this.#host.clock.now() - this.#connectedAtMs >= stableAfterMs;
    this.failedRounds = wasStable ? 0 : this.failedRounds + 1;
    this.#gaveUp = this.failure?.refusal?.permanent === true || (maxFailedRounds > 0 && this.failedRounds >= maxFailedRounds);
    if (this.#gaveUp) {
      this.send('GIVE.UP');
      return;
    }
    this.#waitMs = backoffDelayMs(this.#backoff, Math.max(1, this.failedRounds), this.#options.random(), this.#retryHintMs);
    this.#retryHintMs = null;
    this.send('RETRY');
  }

  #addressAtHand(): PeerAddress {
    return this.address ?? this.target;
  }

  #fail(facts: ConnectFailureFacts): void {
    this.failure = new ConnectFailure(facts);
    this.#options.observer?.onFailure?.(this, this.failure);
  }
}
