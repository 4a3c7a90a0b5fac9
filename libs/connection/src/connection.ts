// The driver: joins one transport endpoint, one session (with its engine), the chart, the windows and the timers.
//
//   endpoint ── onBytes ──▶ session.receive, step, step, … ──▶ session.output ── flush, once per turn ──▶ endpoint
//
// What happens is reported to the chart as an event; what the chart answers is carried out here. The data path never enters
// the chart: it looks at two flags of the shared chart state (`paused`, `discarding`) and at the size of the queue.
//
// Window law, checked by test: bytes are read ⇔ nothing received is unread, the chart is not paused and the inbound throttle does not
// hold; a flush is due ⇔ there is output; outbound full ⇒ no step, at once. Unsent bytes never exceed windows.outboundBytes
// plus one message; unread bytes never exceed one read of the transport.
//
// Throttles (throttling.ts) are looked at where bytes pass, whatever the state: what is read is spent, what is flushed is a portion.

import { Pool, type Brigade } from '@sluice/brigade';
import type { Endpoint, EndpointSink, SecureSession, TransportError } from '@sluice/transport';
import type { ConnectionAction, ConnectionEventType, TimerName } from './chart.ts';
import { noThrottles, type ConnectionHost } from './host.ts';
import { reasonOfFailure, type CloseReason } from './reasons.ts';
import { StepResult, type Session } from './session.ts';
import { SteeredActor } from './steered-actor.ts';
import type { ChartState, Step } from './steps.ts';
import { Throttling, type Direction } from './throttling.ts';
import type { Flushable } from './turn.ts';

export class Connection extends SteeredActor implements EndpointSink, Flushable {
  /** Everything this connection holds hangs on it; destroyed when the connection has closed. */
  readonly pool: Pool;
  /** What the transport ended of, a failed handshake too; `null` while it lives, and after an end in good order. */
  failure: TransportError | null = null;
  #pumping = false;
  #flushAsked = false;
  /** The session waits for what was made in this turn to leave. */
  #roomAsked = false;
  /** The session holds received bytes it has not used up. */
  #unread = false;
  #reading = false;
  #peerEnded = false;
  #endTold = false;
  #watchingFlush = false;
  /** In `draining`: the session has said that nothing is left to do. */
  #done = false;

  constructor(endpoint: Endpoint, host: ConnectionHost, session: Session, pool: Pool = host.pool.subpool()) {
    super(endpoint, host, session);
    this.pool = pool;
    const { throttles } = host;
    if (throttles.inBytesPerSecond > 0 || throttles.outBytesPerSecond > 0) this.throttling = new Throttling(throttles, this);
  }

  /**
   * Begins: attaches to the endpoint, takes the chart's first step, and reads `leftover` before anything else: what somebody has read
   * of the protocol already. Bytes of a TLS handshake are not that; they belong to whoever makes the endpoint.
   */
  start(leftover: Uint8Array | null = null): void {
    this.begin();
    if (leftover !== null && leftover.length > 0) {
      if (this.isMute) {
        this.host.observer.onCrash(this, new Error('what was read before TLS is through belongs to its endpoint'));
        this.abort('internalError');
      } else {
        this.onBytes(leftover, 0, leftover.length);
      }
    }
    this.#updateReading();
  }

  // ── the transport's side ────────────────────────────────────────────────────────────────────────────────────────

  /** TLS is through: the session may judge the peer before it hears anything of it. */
  onSecure(secure: SecureSession): void {
    if (this.released) return;
    try {
      this.session.onSecure?.(secure);
    } catch (error) {
      this.#crash(error);
    }
    this.#updateReading();
    if (this.#hasOutput()) this.requestFlush();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.state.phase === 'established') this.hearPeer();
    if (this.throttling !== null) {
      this.throttling.spend(end - start);
      this.#updateReading();
    }
    if (this.state.discarding || this.released) return;
    try {
      this.session.receive(bytes, start, end);
      this.#unread = true;
      this.#pump();
      if (this.#unread) this.session.setaside();
    } catch (error) {
      this.#crash(error);
    }
    this.#updateReading();
    if (!this.#flushAsked && this.#hasOutput()) this.requestFlush();
  }

  onEnd(): void {
    this.#peerEnded = true;
    this.#reading = false;
    this.send('INBOUND.END');
  }

  onProgress(): void {
    const queued = this.#unsentBytes();
    this.creditPeer(false);
    if (this.#watchingFlush) this.#checkFlushed();
    if (queued <= this.host.windows.outboundLowBytes) this.#roomAgain();
  }

  onClose(error: TransportError | null): void {
    this.#reading = false;
    this.failure = error;
    if (error !== null) this.reason ??= reasonOfFailure(error);
    this.send(error === null ? 'TRANSPORT.CLOSED' : 'TRANSPORT.FAILED');
  }

  // ── the session's side ──────────────────────────────────────────────────────────────────────────────────────────

  /**
   * How many bytes can be queued now without exceeding the outbound window. Where it is what was made in this turn that stands in the way,
   * the session is told at the turn's end: when all of that leaves at once the endpoint has no progress to report.
   */
  writeAllowance(): number {
    const { outboundBytes, outboundLowBytes } = this.host.windows;
    const queued = this.queuedBytes;
    if (queued > outboundLowBytes && this.endpoint.queuedBytes === 0) {
      this.#roomAsked = true;
      this.#flushLater();
    }
    return Math.max(0, outboundBytes - queued);
  }

  /**
   * Whether that many bytes may be queued now. What has been made in this turn is handed over first if it stands in the
   * way; one message larger than the window is admitted when nothing else waits.
   */
  admit(bytes: number): boolean {
    const cap = this.host.windows.outboundBytes;
    if (this.queuedBytes + bytes <= cap) return true;
    this.#flushNow();
    const queued = this.queuedBytes;
    return queued === 0 || queued + bytes <= cap;
  }

  /** Bytes made and not yet handed to the kernel, files counted whole. */
  get queuedBytes(): number {
    const { output, controlOutput } = this.session;
    const control = controlOutput === null ? 0 : controlOutput.memoryBytes;
    return Math.max(output.length, output.memoryBytes) + control + this.endpoint.queuedBytes;
  }

  /** Output was made outside of a step (a publication, an answer from elsewhere): it leaves at the end of this turn. */
  requestFlush(): void {
    if (this.session.output.memoryBytes >= this.host.windows.coalesceBytes) {
      this.#flushNow();
    } else {
      this.#flushLater();
    }
  }

  /** The work a `Blocked` step waited for is done. */
  unblock(): void {
    if (this.released) return;
    // There may be an event that is no bytes: the end, behind a reply that has just been given.
    this.#unread = true;
    if (!this.isQuenched) this.send('INBOUND.SPACE');
    if (!this.#pumping) {
      try {
        this.#pump();
      } catch (error) {
        this.#crash(error);
      }
      this.#updateReading();
    }
    if (this.#hasOutput()) this.requestFlush();
  }

  /**
   * Another session takes over. After an upgrade `leftover` is what came behind it, read first; `null` when the next session goes
   * on with the same engine and what that has unread. What the old one has made is sent first.
   */
  handOver(next: Session, leftover: Uint8Array | null): void {
    // The answer to the upgrade leaves before anything of the next protocol, its control frames included.
    if (next.output !== this.session.output) {
      this.#flushNow();
      if (this.throttling !== null && this.#hasOutput()) this.throttling.carryOver(this.session, next);
    }
    this.session = next;
    next.attach(this);
    if (leftover !== null) {
      this.#unread = leftover.length > 0;
      if (this.#unread) next.receive(leftover, 0, leftover.length);
    }
    if (this.#endTold) {
      next.receiveEnd();
      this.#unread = true;
    }
    if (this.state.phase === 'established') {
      this.host.wheel.cancel(this, 'idle');
      this.arm('idle');
    } else if (this.state.phase === 'draining') {
      next.drain(this.reason ?? 'drained');
    }
    if (!this.#pumping) this.unblock();
  }

  /** The session queues the answer its peer is owed for this reason, and the connection closes behind it. */
  reject(reason: CloseReason): void {
    if (this.released || this.state.phase === 'writeAndAbort') return;
    this.reason ??= reason;
    try {
      this.session.refuse(reason);
    } catch (error) {
      this.#crash(error);
      return;
    }
    this.send('FAIL');
  }

  /**
   * The application failed in work of its own for this connection, outside of any call from here: its peer is told, and nobody
   * else notices. What fails inside a call needs no more than to be thrown.
   */
  crash(error: unknown): void {
    this.#crash(error);
    this.#updateReading();
  }

  /** In draining: the session has nothing left to do. */
  done(): void {
    this.#done = true;
    if (this.#watchingFlush) this.#checkFlushed();
  }

  // ── the integrator's side ───────────────────────────────────────────────────────────────────────────────────────

  /** Reading is on: there is space for bytes, and nothing holds them back. */
  get wantRead(): boolean {
    return this.#reading;
  }

  /** There is something to write, here or in the endpoint. */
  get wantWrite(): boolean {
    return !this.released && (this.#hasOutput() || this.endpoint.queuedBytes > 0);
  }

  /**
   * Limits the direction of this connection to a rate, or lifts the limit (0), at once: a direction that is suspended goes on as soon as
   * the new rate allows.
   * @throws RangeError a rate below 0, or not a number
   */
  setThrottle(direction: Direction, bytesPerSecond: number): void {
    if (!(bytesPerSecond >= 0 && bytesPerSecond < Infinity)) throw new RangeError(`a rate of ${bytesPerSecond} bytes a second is not possible`);
    if (this.released || (this.throttling === null && bytesPerSecond === 0)) return;
    this.throttling ??= new Throttling(noThrottles, this);
    this.throttling.setRate(direction, bytesPerSecond);
    this.#wake(direction);
  }

  // ── timers ──────────────────────────────────────────────────────────────────────────────────────────────────────

  /** A deadline came due. An idle session that can ask for a sign of life does so first. */
  onTimeout(name: TimerName): void {
    if (this.isMute && (name === 'handshake' || name === 'sustain')) {
      // Nothing can be said to a peer that has no keys.
      this.abort(name === 'handshake' ? 'handshakeTimeout' : 'sustainTimeout');
    } else if (name === 'throttleIn' || name === 'throttleOut') {
      this.#throttleEnds(name);
    } else if (!this.excuse(name)) {
      this.#timeOut(name);
    }
  }

  #timeOut(name: TimerName): void {
    if (name === 'idle') {
      let probed = false;
      try {
        probed = this.session.probe();
      } catch (error) {
        this.#crash(error);
        return;
      }
      if (probed) {
        if (this.#hasOutput()) this.requestFlush();
        this.arm('idle');
        return;
      }
    }
    this.send(`TIMEOUT.${name}`);
  }

  // ── the data path ───────────────────────────────────────────────────────────────────────────────────────────────

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      const { windows } = this.host;
      while (this.#unread && this.#mayStep(windows.outboundBytes)) {
        const result = this.session.step();
        if (result === StepResult.NeedData) {
          this.#unread = false;
        } else if (result === StepResult.Blocked) {
          this.send('INBOUND.FULL');
          break;
        }
        // What is made and not handed over yet counts for the window too.
        const made = this.session.output.memoryBytes;
        if (made >= windows.coalesceBytes || (made > 0 && made + this.endpoint.queuedBytes >= windows.outboundBytes)) this.#flushNow();
      }
    } finally {
      this.#pumping = false;
    }
  }

  /** In draining there is no region to be choked: the window itself is looked at. */
  #mayStep(outboundBytes: number): boolean {
    const { paused, discarding, phase } = this.state;
    return !paused && !discarding && (phase !== 'draining' || this.#unsentBytes() < outboundBytes);
  }

  /** What counts for the window once a flush has been: everything that a throttle still holds back, too. */
  #unsentBytes(): number {
    return this.throttling === null ? this.endpoint.queuedBytes : this.queuedBytes;
  }

  #hasOutput(): boolean {
    const { output, controlOutput } = this.session;
    return !output.isEmpty || (controlOutput !== null && !controlOutput.isEmpty);
  }

  #flushLater(): void {
    if (this.#flushAsked) return;
    this.#flushAsked = true;
    this.host.turn.add(this);
  }

  /** Hands output to the transport: all of it, or what a throttle allows. The turn queue's call. */
  flush(): void {
    this.#flushAsked = false;
    this.#flushNow();
    const throttling = this.throttling;
    if (!this.#roomAsked && throttling?.roomToTell !== true) return;
    this.#roomAsked = false;
    if (throttling !== null) throttling.roomToTell = false;
    if (this.queuedBytes <= this.host.windows.outboundLowBytes) this.#roomAgain();
  }

  #flushNow(): void {
    try {
      if (this.#hasOutput() && !this.released) this.#handOut();
    } catch (error) {
      this.#crash(error);
    }
    if (this.#watchingFlush) this.#checkFlushed();
  }

  #handOut(): void {
    const { output, controlOutput } = this.session;
    if (this.throttling !== null) {
      this.#handOutPortion(this.throttling);
    } else if (controlOutput === null || controlOutput.isEmpty) {
      this.endpoint.write(output);
    } else {
      controlOutput.concat(output);
      this.endpoint.write(controlOutput);
    }
    if (this.#unsentBytes() >= this.host.windows.outboundBytes) this.send('OUTBOUND.FULL');
  }

  // ── the throttles ───────────────────────────────────────────────────────────────────────────────────────────────

  #handOutPortion(throttling: Throttling): void {
    // It takes long because of us: who is in time gets as much of it again.
    if (throttling.handOut()) this.creditPeer(true);
    // The session hears of room at the end of the turn, never from inside a call of its own.
    if (throttling.roomToTell) this.#flushLater();
    else if (throttling.isOver) this.throttling = null;
  }

  #throttleEnds(name: 'throttleIn' | 'throttleOut'): void {
    const throttling = this.throttling;
    if (throttling === null) return;
    if (name === 'throttleIn') throttling.inHeld = false;
    else throttling.outHeld = false;
    this.#wake(name === 'throttleIn' ? 'in' : 'out');
  }

  /** The direction goes on, as far as its throttle allows. */
  #wake(direction: Direction): void {
    const timer = direction === 'in' ? 'throttleIn' : 'throttleOut';
    this.host.wheel.cancel(this, timer);
    this.send(`TIMEOUT.${timer}`);
    if (direction === 'out') this.flush();
    else this.throttling?.report();
    this.#updateReading();
  }

  #roomAgain(): void {
    if (this.released) return;
    this.send('OUTBOUND.CLEAR');
    try {
      this.session.onWritable();
      this.#pump();
    } catch (error) {
      this.#crash(error);
    }
    this.#updateReading();
    if (this.#hasOutput()) this.requestFlush();
  }

  #checkFlushed(): void {
    const finished = this.state.phase === 'writeAndAbort' || this.#done;
    if (!finished || this.#hasOutput() || this.endpoint.queuedBytes > 0) return;
    this.#watchingFlush = false;
    this.send('FLUSHED');
  }

  #updateReading(): void {
    const { paused, discarding } = this.state;
    const held = this.throttling !== null && this.throttling.inHeld;
    const wanted = !this.#peerEnded && !this.released && !paused && !held && (!this.#unread || discarding);
    if (wanted === this.#reading) return;
    this.#reading = wanted;
    try {
      this.endpoint.setReading(wanted);
    } catch (error) {
      this.#crash(error);
    }
  }

  // ── the chart's actions ─────────────────────────────────────────────────────────────────────────────────────────

  protected override enter(first: Step): void {
    try {
      this.endpoint.attach(this);
      this.session.attach(this);
      this.#perform(first.actions);
    } catch (error) {
      this.#crash(error);
    }
  }

  protected override carryOut({ actions, target }: Step, from: ChartState, type: ConnectionEventType): void {
    try {
      this.#perform(actions);
    } catch (error) {
      this.#crash(error);
      if (target.phase === 'closed') this.#closeAnyway();
    }
    try {
      this.host.observer.onStep(this, from, target, type);
    } catch (error) {
      this.onLookerFailed(error);
    }
  }

  protected override onLookerFailed(error: unknown): void {
    this.host.observer.onCrash(this, error);
  }

  protected override afterStep(): void {
    if (!this.#pumping) this.#updateReading();
    if (this.released) this.host.observer.onClosed(this, this.reason ?? 'aborted');
    else this.throttling?.report();
  }

  #perform(actions: readonly ConnectionAction[]): void {
    for (const action of actions) {
      switch (action.type) {
        case 'arm':
          this.arm(action.params.timer);
          break;
        case 'disarm':
          this.host.wheel.cancel(this, action.params.timer);
          break;
        case 'reason':
          this.reason ??= action.params.reason;
          break;
        case 'refuse':
          this.reason ??= action.params.reason;
          this.session.refuse(action.params.reason);
          break;
        case 'tellEnd':
          this.#tellEnd();
          break;
        case 'goodbye':
          this.session.drain(this.reason ?? 'drained');
          // What waited while the chart was paused, the peer's goodbye behind it included.
          this.#pump();
          if (this.#hasOutput()) this.requestFlush();
          break;
        case 'watchFlush':
          this.#watchingFlush = true;
          this.requestFlush();
          break;
        case 'shutdown':
          this.endpoint.shutdown();
          if (this.#peerEnded) this.send('INBOUND.END');
          break;
        case 'closeTransport':
          this.endpoint.close();
          break;
        case 'abortTransport':
          this.endpoint.abort();
          break;
        case 'release':
          this.#release();
          break;
      }
    }
  }

  #tellEnd(): void {
    if (this.#endTold) return;
    this.#endTold = true;
    this.session.receiveEnd();
    this.#unread = true;
    this.#pump();
  }

  #release(): void {
    this.released = true;
    this.host.wheel.cancelAll(this);
    this.throttling = null;
    try {
      this.session.end(this.reason ?? 'aborted');
    } finally {
      this.session.output.destroy();
      this.session.controlOutput?.destroy();
    }
  }

  /** Closing failed halfway: what is left of it is done, whatever else fails. */
  #closeAnyway(): void {
    try {
      this.endpoint.abort();
    } catch (error) {
      this.host.observer.onCrash(this, error);
    }
    if (this.released) return;
    try {
      this.#release();
    } catch (error) {
      this.host.observer.onCrash(this, error);
    }
  }

  #crash(error: unknown): void {
    this.host.observer.onCrash(this, error);
    if (this.released || this.state.phase === 'closed') return;
    if (this.state.phase === 'writeAndAbort') {
      this.abort('internalError');
      return;
    }
    this.reason ??= 'internalError';
    try {
      this.session.refuse('internalError');
      this.send('FAIL');
    } catch {
      this.abort('internalError');
    }
  }
}

/** The brigade type sessions write to; re-exported so that a session needs one import. */
export type { Brigade };
