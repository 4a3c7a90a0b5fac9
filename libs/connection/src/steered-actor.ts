// What a session or an operator asks of a connection's chart: go on, end in one way or another, hold the peer up. Each is an event, and
// the reason for an end where there is one.

import type { CloseReason } from './reasons.ts';
import { stepFrom } from './steps.ts';
import type { Direction } from './throttling.ts';
import { TimedActor } from './timed-actor.ts';

export abstract class SteeredActor extends TimedActor {
  /** Whatever the integrator wants to find again: every call from here carries the connection. */
  userData: unknown = null;
  /** A flight recorder's own: where it keeps the steps of this connection; −1 for nowhere. */
  flight: number = -1;

  /** What the session waited for is done, or nobody holds the peer up any more. */
  abstract unblock(): void;

  /** The protocol's greeting is complete. */
  established(): void {
    if (this.state.phase === 'handshake') this.send('HANDSHAKE.DONE');
  }

  /** The peer is told of an error that the session has queued; then the connection closes for this reason. */
  fail(reason: CloseReason): void {
    this.reason ??= reason;
    this.send('FAIL');
  }

  /** Ends in good order for this reason: goodbye, flush, FIN. */
  finish(reason: CloseReason): void {
    this.reason ??= reason;
    this.send('DRAIN');
  }

  /**
   * Finish what is in progress and close: the gateway stops, or an operator wants it. A peer without keys yet is neither promised nor
   * told anything.
   */
  drain(): void {
    if (this.isMute) this.abort('drained');
    else this.finish('drained');
  }

  /** Closes at once, without a word. */
  abort(reason: CloseReason = 'aborted'): void {
    this.reason ??= reason;
    this.send('ABORT');
  }

  /** A request has begun: it must be complete within the handshake time-out. */
  awaitRequest(): void {
    this.arm('handshake');
  }

  /** The request is complete. */
  requestComplete(): void {
    this.host.wheel.cancel(this, 'handshake');
  }

  /** The direction's rate limit in bytes per second; 0 for none. */
  throttle(direction: Direction): number {
    return this.throttling === null ? 0 : this.throttling.rate(direction);
  }

  /**
   * An operator holds the peer up: nothing of it is read, and what was read waits, until `resume`. Whatever the session has room for,
   * the chart stays `quenched`. False where nothing is read any more, or yet: only an established connection can be held.
   */
  quench(): boolean {
    if (!this.mayQuench) return false;
    this.isQuenched = true;
    this.send('INBOUND.FULL');
    return true;
  }

  /** Whether `quench` is possible: the chart's state knows of a window that fills or empties. */
  get mayQuench(): boolean {
    return stepFrom(this.state, 'INBOUND.FULL').taken || stepFrom(this.state, 'INBOUND.SPACE').taken;
  }

  /** Ends that. False when nobody holds it. */
  resume(): boolean {
    if (!this.isQuenched || this.released) return false;
    this.isQuenched = false;
    this.unblock();
    return true;
  }
}
