// The deadlines of a connection: which run, for how long, and whether what they waited for was the peer's to do.

import { NO_DEADLINE, type DeadlineOwner } from '@sluice/timing';
import type { Endpoint } from '@sluice/transport';
import { ChartActor } from './chart-actor.ts';
import type { TimerName } from './chart.ts';
import { armedTimers, delayOf, isTimed, type ArmedTimer, type SettableTimer } from './deadlines.ts';
import type { ConnectionHost } from './host.ts';
import type { CloseReason } from './reasons.ts';
import type { Session } from './session.ts';
import type { Throttling } from './throttling.ts';

/** Ends in good order: what is queued is delivered, however slowly, as long as the peer takes it. */
const patientReasons: ReadonlySet<CloseReason> = new Set(['served', 'peerClosed', 'drained']);

export abstract class TimedActor extends ChartActor implements DeadlineOwner {
  readonly endpoint: Endpoint;
  readonly host: ConnectionHost;
  /** Of the host's clock. */
  readonly openedAtMs: number;
  session: Session;
  /** The first reason noted; `null` while nothing has ended it. */
  reason: CloseReason | null = null;
  /** The wheel's own. */
  firstDeadline: number = NO_DEADLINE;
  /** An operator holds up what the peer sends. */
  isQuenched = false;
  /** `null` for a connection without rate limits. */
  protected throttling: Throttling | null = null;
  /** Delays set on this connection alone. */
  #timeouts: Partial<Record<TimerName, number>> | null = null;

  constructor(endpoint: Endpoint, host: ConnectionHost, session: Session) {
    super();
    this.endpoint = endpoint;
    this.host = host;
    this.session = session;
    this.openedAtMs = host.clock.now();
  }

  abstract onTimeout(name: TimerName): void;

  /** What is armed, and how much time each has left. */
  armedTimers(): readonly ArmedTimer[] {
    return armedTimers(this.host.wheel, this, this.host.clock);
  }

  /** A delay of this connection's own, in ms, for one of its deadlines, which begins anew if it is running; 0 turns it off. */
  setTimeout(name: SettableTimer, delayMs: number): void {
    (this.#timeouts ??= {})[name] = delayMs;
    if (this.released) return;
    const { wheel } = this.host;
    // A request's deadline runs while there is a request, whatever the state.
    const isRunning = wheel.dueAt(this, name) < Infinity;
    wheel.cancel(this, name);
    if (isRunning || isTimed(name, this.state.phase)) this.arm(name);
  }

  /** The deadline will not fire on this connection, also when something would begin it anew. */
  cancelTimeout(name: SettableTimer): void {
    this.setTimeout(name, 0);
  }

  protected arm(timer: TimerName): void {
    const { wheel, clock } = this.host;
    const { throttling } = this;
    if (timer === 'throttleIn') {
      if (throttling?.in) wheel.arm(this, timer, throttling.in.resumeAt);
    } else if (timer === 'throttleOut') {
      if (throttling?.out) wheel.arm(this, timer, throttling.out.resumeAt);
    } else {
      if (timer === 'handshake') throttling?.takeHeldMs();
      const delayMs = this.#delayOf(timer);
      if (delayMs > 0) wheel.arm(this, timer, (timer === 'sustain' ? this.openedAtMs : clock.now()) + delayMs);
    }
  }

  /** Bytes came. */
  protected hearPeer(): void {
    const idleTimeoutMs = this.#timeouts === null ? this.session.idleTimeoutMs : this.#delayOf('idle');
    if (idleTimeoutMs > 0) this.host.wheel.arm(this, 'idle', this.host.clock.now() + idleTimeoutMs);
  }

  /**
   * The peer takes what is queued for it: it is not idle, and a reply that was promised whole is not cut off because it is long.
   * Whoever is being turned away gets no such patience, unless it is our throttle that takes the time.
   */
  protected creditPeer(isThrottled: boolean): void {
    const { reason } = this;
    const { phase } = this.state;
    if (phase === 'established') this.arm('idle');
    else if (phase === 'draining' || phase === 'writeAndAbort') {
      if (isThrottled || (phase === 'draining' && reason !== null && patientReasons.has(reason))) this.arm('close');
    }
  }

  /**
   * What the deadline waited for did not come because we do not read, or do not send: that is not the peer's fault, and it has more time. For
   * a request that is the time in which a throttle kept us from reading.
   */
  protected excuse(name: TimerName): boolean {
    if (name === 'handshake' && !this.state.paused) {
      const heldMs = this.throttling?.takeHeldMs() ?? 0;
      if (heldMs > 0) this.host.wheel.arm(this, name, this.host.clock.now() + heldMs);
      return heldMs > 0;
    }
    if (!this.#isOurDelay(name)) return false;
    this.arm(name);
    return true;
  }

  #isOurDelay(name: TimerName): boolean {
    switch (name) {
      case 'handshake':
        return this.state.paused;
      case 'idle':
        return this.isQuenched || this.throttling?.inHeld === true || this.#isHeldBack;
      case 'close':
        return this.#isHeldBack;
      default:
        return false;
    }
  }

  /** The peer has taken all that it was sent, and our throttle has more for it. */
  get #isHeldBack(): boolean {
    return this.throttling?.outHeld === true && this.endpoint.queuedBytes === 0;
  }

  /** The endpoint encrypts and has no keys yet: nothing said now would be heard. */
  protected get isMute(): boolean {
    return this.endpoint.secureSession === null;
  }

  #delayOf(timer: TimerName): number {
    return this.#timeouts?.[timer] ?? delayOf(timer, this.state.phase, this.host.timeouts, this.session.idleTimeoutMs);
  }
}
