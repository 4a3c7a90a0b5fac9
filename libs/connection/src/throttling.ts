// The rate limits of one connection and what they hold back now. Only a connection that has a limit has one of these.
//
//     bytes pass ─▶ spent ─▶ nothing left ─▶ held: THROTTLED ─▶ (the chart arms the deadline) ─▶ TIMEOUT ─▶ bytes pass
//
// A direction that is held stays so whatever the chart's state: only its deadline, or another rate, ends it. Where a change of
// state has disarmed the deadline, the chart is told again.

import { Throttle, type DeadlineOwner } from '@sluice/timing';
import type { Endpoint } from '@sluice/transport';
import type { ConnectionEventType } from './chart.ts';
import type { ConnectionHost, ThrottleSettings } from './host.ts';
import { Portions } from './portions.ts';
import type { Session } from './session.ts';

export type Direction = 'in' | 'out';

/** The connection, as its throttles see it. */
export interface Throttled extends DeadlineOwner {
  readonly host: ConnectionHost;
  readonly endpoint: Endpoint;
  readonly session: Session;
  send(type: ConnectionEventType): void;
  requestFlush(): void;
}

export class Throttling {
  in: Throttle | null;
  out: Throttle | null;
  /** The direction is suspended: its deadline (`throttleIn`, `throttleOut`) ends that. */
  outHeld = false;
  #inHeld = false;
  /** Since when reading is suspended, and for how long it was before that, as far as nobody has asked. */
  #heldSinceMs = 0;
  #heldMs = 0;
  /** What was held back has moved on: the session may have room again, and hears of it at the end of the turn. */
  roomToTell = false;
  /** The last hand-out left something behind. */
  #withheld = false;
  readonly #portions = new Portions();
  readonly #connection: Throttled;
  readonly #onReadable = (): void => this.#connection.requestFlush();

  constructor({ inBytesPerSecond, outBytesPerSecond }: ThrottleSettings, connection: Throttled) {
    const nowMs = connection.host.clock.now();
    this.#connection = connection;
    this.in = inBytesPerSecond > 0 ? new Throttle(inBytesPerSecond, nowMs) : null;
    this.out = outBytesPerSecond > 0 ? new Throttle(outBytesPerSecond, nowMs) : null;
  }

  get inHeld(): boolean {
    return this.#inHeld;
  }

  set inHeld(isHeld: boolean) {
    if (isHeld === this.#inHeld) return;
    const nowMs = this.#connection.host.clock.now();
    this.#inHeld = isHeld;
    if (isHeld) this.#heldSinceMs = nowMs;
    else this.#heldMs += nowMs - this.#heldSinceMs;
  }

  /** For how many ms reading was suspended since this was asked before: so long whatever is missing is not the peer's fault. */
  takeHeldMs(): number {
    let heldMs = this.#heldMs;
    this.#heldMs = 0;
    if (this.#inHeld) {
      const nowMs = this.#connection.host.clock.now();
      heldMs += nowMs - this.#heldSinceMs;
      this.#heldSinceMs = nowMs;
    }
    return heldMs;
  }

  /** Bytes per second; 0 for no limit. */
  rate(direction: Direction): number {
    return this[direction]?.bytesPerSecond ?? 0;
  }

  /** Sets or lifts a limit; whoever moves bytes next finds out whether it may. */
  setRate(direction: Direction, bytesPerSecond: number): void {
    const nowMs = this.#connection.host.clock.now();
    const throttle = this[direction];
    if (bytesPerSecond === 0) this[direction] = null;
    else if (throttle === null) this[direction] = new Throttle(bytesPerSecond, nowMs);
    else throttle.setRate(bytesPerSecond, nowMs);
    if (direction === 'in') this.inHeld = this.in !== null && this.in.allowance(nowMs) === 0;
    else this.outHeld = false;
  }

  /** Nothing is limited, and nothing is left of a time when something was. */
  get isOver(): boolean {
    return this.in === null && this.out === null && this.#portions.lead === 0 && !this.roomToTell;
  }

  /** Bytes were read. */
  spend(bytes: number): void {
    if (this.in === null) return;
    const nowMs = this.#connection.host.clock.now();
    this.in.spend(bytes, nowMs);
    if (this.in.allowance(nowMs) > 0) return;
    this.inHeld = true;
    this.report();
  }

  /**
   * Hands to the endpoint what may leave now. True: something has left that we have held back, or hold back the rest of, and the peer
   * had taken everything before; what takes time is our throttle.
   */
  handOut(): boolean {
    if (this.outHeld) return false;
    const { host, session, endpoint } = this.#connection;
    const nowMs = host.clock.now();
    const { out } = this;
    const allowed = out === null ? Infinity : out.allowance(nowMs);
    const wasInTime = endpoint.queuedBytes === 0;
    let moved = 0;
    if (allowed > 0) {
      const portion = this.#portions.take(session, allowed, this.#onReadable);
      moved = portion.length;
      if (out !== null) out.spend(moved, nowMs);
      endpoint.write(portion);
    }
    const withheld = !session.output.isEmpty || session.controlOutput?.isEmpty === false;
    const isOurs = withheld || this.#withheld;
    // Where nothing has moved (a stream has nothing to give) there is no more room than before.
    if (moved !== 0 && isOurs) this.roomToTell = true;
    this.#withheld = withheld;
    if (withheld && out !== null && out.allowance(nowMs) === 0) {
      this.outHeld = true;
      this.report();
    }
    return wasInTime && isOurs && moved > 0;
  }

  /** The next session sends into its own brigade: what the last one could not send yet leaves before anything of it. */
  carryOver(from: Session, into: Session): void {
    this.#portions.carryOver(from, into);
  }

  /** Tells the chart of a direction that is held and has no deadline: it has just become so, or the chart has changed its state. */
  report(): void {
    const connection = this.#connection;
    const { wheel } = connection.host;
    if (this.inHeld && wheel.dueAt(connection, 'throttleIn') === Infinity) connection.send('INBOUND.THROTTLED');
    if (this.outHeld && wheel.dueAt(connection, 'throttleOut') === Infinity) connection.send('OUTBOUND.THROTTLED');
  }
}
