// The session of an upgraded connection: a WebSocket engine's events, handed to an application's handler one call each.

import type { Brigade, Bucket } from '@sluice/brigade';
import { WebSocketEvent, type MessageOpcode, type WebSocketEngine } from '@sluice/websocket';
import type { Connection } from './connection.ts';
import { EngineSession } from './engine-session.ts';
import type { CloseReason } from './reasons.ts';
import { StepResult } from './session.ts';
import { cutFrameBytes } from './websocket-frames.ts';

/** What an application does with a WebSocket. One handler may serve any number of sockets. */
export interface WebSocketHandler {
  /** The connection is ours; sending is possible from here on. */
  onOpen(socket: WebSocketSession): void;
  /**
   * One whole message. `bytes[start, end)` is borrowed until the call returns. False: no further message until
   * `socket.resume()`; this one counts as taken.
   */
  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean;
  /** The peer's pong, asked for or not. `bytes[start, end)` is borrowed until the call returns. */
  onPong?(socket: WebSocketSession, bytes: Uint8Array, start: number, end: number): void;
  /** The outbound window has room again. */
  onWritable(socket: WebSocketSession): void;
  /** The socket is gone. The last call. */
  onClose(socket: WebSocketSession, reason: CloseReason): void;
}

/** How a quiet peer is told from one that is gone. 0 turns either off. */
export interface Liveness {
  /** Silence after which the peer is pinged, again and again. */
  readonly pingIntervalMs: number;
  /** Silence, pongs included, after which it is taken for gone. */
  readonly idleTimeoutMs: number;
  /**
   * After how many ms a peer that is sent away by a drain should come back; asked for each one, so that they need not all come at once.
   * Without it they are told nothing.
   */
  readonly retryHint?: () => number;
}

/** Longest hint: a day. */
const maxRetryMs = 86_400_000;

/** The reason text of close code 1001 on a drain: `retry-after-ms=1234`, far below the 123 bytes there are (RFC 6455 section 5.5). */
function retryText(hintMs: number): string {
  return `retry-after-ms=${Math.min(maxRetryMs, Math.round(hintMs))}`;
}

const closeCodes: Partial<Record<CloseReason, number>> = {
  drained: 1001,
  idleTimeout: 1001,
  sustainTimeout: 1001,
  served: 1000,
  slowConsumer: 1013,
  refused: 1008,
  overload: 1013,
  // Private use (RFC 6455 section 7.4.2), after HTTP's 429: a client can tell it from a refusal, and comes back later.
  rateLimited: 4429,
  limitExceeded: 1009,
  protocolError: 1002,
  internalError: 1011,
};

export class WebSocketSession extends EngineSession<WebSocketEngine> {
  readonly protocol = 'websocket';
  declare readonly controlOutput: Brigade;
  readonly handler: WebSocketHandler;
  #paused = false;
  /** Pings sent since the peer was last heard of. */
  #pings = 0;
  #closing = false;
  readonly #liveness: Liveness;

  constructor(engine: WebSocketEngine, handler: WebSocketHandler, liveness: Liveness) {
    super(engine);
    this.handler = handler;
    this.#liveness = liveness;
  }

  get idleTimeoutMs(): number {
    const { pingIntervalMs, idleTimeoutMs } = this.#liveness;
    return pingIntervalMs > 0 ? pingIntervalMs : idleTimeoutMs;
  }

  override attach(connection: Connection): void {
    super.attach(connection);
    this.handler.onOpen(this);
  }

  override receive(bytes: Uint8Array, start: number, end: number): void {
    this.#pings = 0;
    super.receive(bytes, start, end);
  }

  cutFrameBytes(start: number, cut: number): number {
    return cutFrameBytes(this.output, start, cut);
  }

  step(): StepResult {
    if (this.#paused && !this.#closing) return StepResult.Blocked;
    const { engine } = this;
    switch (engine.next()) {
      case WebSocketEvent.NeedData:
        return StepResult.NeedData;
      case WebSocketEvent.Message:
        if (!this.#closing && !this.handler.onMessage(this, engine.opcode, engine.data, engine.dataStart, engine.dataEnd)) {
          this.#paused = true;
        }
        return StepResult.Again;
      case WebSocketEvent.Pong:
        this.handler.onPong?.(this, engine.data, engine.dataStart, engine.dataEnd);
        return StepResult.Again;
      case WebSocketEvent.Close:
        // The engine has queued its answer; what the peer sends behind a close frame is not looked at (RFC 6455 §5.5.1).
        this.#closing = true;
        this.connection.finish('peerClosed');
        this.connection.done();
        return StepResult.NeedData;
      case WebSocketEvent.Closed:
        this.connection.finish('truncated');
        this.connection.done();
        return StepResult.NeedData;
      case WebSocketEvent.Failed:
        this.#closing = true;
        this.connection.fail(engine.failure?.closeCode === 1009 ? 'limitExceeded' : 'protocolError');
        return StepResult.NeedData;
      default:
        return StepResult.Again;
    }
  }

  /** A handler that answered false is ready for the next message. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.connection.unblock();
  }

  /** Sends a copy of the bytes as one message. */
  send(opcode: MessageOpcode, bytes: Uint8Array, start = 0, end = bytes.length): void {
    if (this.#closing) return;
    this.engine.sendMessage(opcode, bytes, start, end);
    this.connection.requestFlush();
  }

  /**
   * Queues a frame that many receivers share, by reference. False: the outbound window is full and nothing was queued. A frame
   * larger than the window is taken when nothing else is queued.
   */
  sendShared(frame: Bucket): boolean {
    if (this.#closing) return true;
    const { connection } = this;
    if (!connection.admit(frame.length)) return false;
    this.engine.sendShared(frame);
    connection.requestFlush();
    return true;
  }

  /** Begins the closing handshake; the connection closes when the peer has answered, or at the close time-out. */
  close(code: number, text: string, reason: CloseReason): void {
    if (this.#closing) return;
    this.engine.close(code, text);
    this.#closing = true;
    this.connection.finish(reason);
    this.resume();
  }

  onWritable(): void {
    this.handler.onWritable(this);
  }

  drain(reason: CloseReason): void {
    if (this.engine.failure !== null) this.connection.done();
    if (this.#closing) return;
    this.#closing = true;
    const { retryHint } = this.#liveness;
    this.engine.close(closeCodes[reason] ?? 1001, reason === 'drained' && retryHint !== undefined ? retryText(retryHint()) : '');
    // Behind what the handler was not ready for is the peer's answer.
    this.resume();
  }

  refuse(reason: CloseReason): void {
    if (this.#closing) return;
    this.#closing = true;
    this.engine.close(closeCodes[reason] ?? 1011, '');
  }

  probe(): boolean {
    const { pingIntervalMs, idleTimeoutMs } = this.#liveness;
    if (this.#closing || pingIntervalMs === 0) return false;
    if (idleTimeoutMs > 0 && (this.#pings + 1) * pingIntervalMs >= idleTimeoutMs) return false;
    this.#pings++;
    // Behind what the peer does not take a ping would only wait.
    if (this.connection.queuedBytes === 0) this.engine.sendPing();
    return true;
  }

  end(reason: CloseReason): void {
    // From here on there is nothing to send with: whoever does all the same sends nothing.
    this.#closing = true;
    this.handler.onClose(this, reason);
  }
}
