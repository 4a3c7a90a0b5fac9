// The session of the command protocol: greets a peer that has been judged, hands its requests to an application's handler, and
// brings the answers back, now or later.
//
//   judged ──▶ greeting ──▶ requests ⇄ replies, publications ──▶ (drain) last replies ──▶ goodbye
//      └─────▶ ERR ──▶ write and abort
//
// The peer is judged once and before any byte of it is looked at: when its handshake is complete (`onSecure` comes before bytes
// by contract), or at once where bytes go in the clear.

import type { Bucket } from '@sluice/brigade';
import { CommandEvent, type CommandEngine, type ProtocolFailure, type RequestHead } from '@sluice/command';
import type { SecureSession } from '@sluice/transport';
import type { Connection } from './connection.ts';
import { EngineSession } from './engine-session.ts';
import type { CloseReason } from './reasons.ts';
import { StepResult } from './session.ts';

/** What an application does with a command session. One handler may serve any number of sessions. */
export interface CommandHandler {
  /** Judges the peer; null for bytes in the clear. Null lets it in; a text is sent as `ERR: <text>`, and the connection ends (`refused`). */
  admit(session: CommandSession, secure: SecureSession | null): string | null;
  /** The peer has been let in and greeted. Not called for one that was refused. */
  onOpen(session: CommandSession): void;
  /**
   * One request, to be answered with `reply` or `fail`, now or later. Head and `bytes[start, end)`, its body, are borrowed until the
   * call returns; strings taken from the head stay.
   */
  onRequest(session: CommandSession, request: RequestHead, bytes: Uint8Array, start: number, end: number): void;
  /** The outbound window has room again. */
  onWritable(session: CommandSession): void;
  /** No further request will come. What is not answered soon now, the close time-out cuts off. */
  onDrain?(session: CommandSession, reason: CloseReason): void;
  /** The session is gone. The last call; it comes for a peer that was refused, too. */
  onClose(session: CommandSession, reason: CloseReason): void;
}

export interface CommandSessionOptions {
  /**
   * Silence after which a peer is told goodbye; 0 for never. The protocol has no way to ask for a sign of life: it is up to the client
   * to send PING. Who waits for a reply, or was sent something in the meantime, is not idle.
   */
  readonly idleTimeoutMs: number;
  /** Told to a client, in the goodbye of a gateway that drains, as the time in ms after which to come back. Asked for each one. */
  readonly retryHint: () => number;
}

/** The goodbyes. A connection that ends for another reason in good order ends without one: its peer has asked for the end. */
const goodbyes: Partial<Record<CloseReason, string>> = {
  drained: 'The gateway is stopping.',
  idleTimeout: 'Nothing was sent for too long.',
  sustainTimeout: 'The connection has reached the age limit.',
};

/** What a peer is told that is turned away. What the engine found wrong it has said itself. */
const refusals: Partial<Record<CloseReason, string>> = {
  handshakeTimeout: 'The handshake took too long.',
  limitExceeded: 'A limit was exceeded.',
  slowConsumer: 'Messages were not taken fast enough.',
  refused: 'This is not allowed.',
  rateLimited: 'Too much comes from this address.',
  overload: 'There are more connections than this server holds.',
  internalError: 'Something went wrong in the gateway.',
};

const nothing = new Uint8Array(0);

export class CommandSession extends EngineSession<CommandEngine> {
  readonly protocol = 'command';
  readonly handler: CommandHandler;
  /** Who the peer is, if the handler knows: for logs and lists. */
  peerName: string | null = null;
  readonly #options: CommandSessionOptions;
  #phase: 'unjudged' | 'open' | 'over' = 'unjudged';
  /** What the handler found wrong with the peer. */
  #verdict: string | null = null;
  /** The last step answered Blocked: there may be bytes that wait for the verdict, or for a reply. */
  #isBlocked = false;
  /** The peer has sent FIN behind its last request. */
  #hasPeerEnded = false;
  /** Why it drains. */
  #ending: CloseReason | null = null;
  /** What had been sent when the idle time last ran out. */
  #bytesOut = 0;

  constructor(engine: CommandEngine, handler: CommandHandler, options: CommandSessionOptions) {
    super(engine);
    this.handler = handler;
    this.#options = options;
  }

  get idleTimeoutMs(): number {
    return this.#options.idleTimeoutMs;
  }

  override attach(connection: Connection): void {
    super.attach(connection);
    const secure = connection.endpoint.secureSession;
    if (secure !== null) this.#judge(secure ?? null);
  }

  onSecure(session: SecureSession): void {
    this.#judge(session);
  }

  step(): StepResult {
    if (this.#phase === 'unjudged') return this.#block();
    const { engine } = this;
    switch (engine.next()) {
      case CommandEvent.Request:
        this.handler.onRequest(this, engine.request, engine.data, engine.dataStart, engine.dataEnd);
        return StepResult.Again;
      case CommandEvent.Paused:
        return this.#block();
      case CommandEvent.Closed:
        this.#hasPeerEnded ||= this.#ending === null;
        this.#endIfAnswered();
        return StepResult.NeedData;
      case CommandEvent.Failed:
        this.#phase = 'over';
        this.connection.fail(reasonOf(engine.failure as ProtocolFailure));
        return StepResult.NeedData;
      default:
        return StepResult.NeedData;
    }
  }

  /** Replies `OK`, with a copy of the bytes. False: nobody waits for that any more. */
  reply(sequence: string, bytes: Uint8Array = nothing, start = 0, end = bytes.length): boolean {
    if (this.#phase !== 'open' || !this.engine.isInFlight(sequence)) return false;
    this.engine.sendReply(sequence, bytes, start, end);
    this.#afterReply();
    return true;
  }

  /** Replies `ERR: <text>`, with a copy of the bytes; the connection goes on. False: nobody waits for that any more. */
  fail(sequence: string, text: string, bytes: Uint8Array = nothing, start = 0, end = bytes.length): boolean {
    if (this.#phase !== 'open' || !this.engine.isInFlight(sequence)) return false;
    this.engine.sendFailure(sequence, text, bytes, start, end);
    this.#afterReply();
    return true;
  }

  /**
   * Queues a publication that many receivers share, by reference. False: the outbound window is full and nothing was queued. One
   * larger than the window is taken when nothing else is queued.
   */
  sendShared(message: Bucket): boolean {
    if (this.#phase !== 'open' || !this.engine.isOpen) return true;
    if (!this.connection.admit(message.length)) return false;
    this.engine.sendShared(message);
    this.connection.requestFlush();
    return true;
  }

  /** Tells of publications that are missing; `headers` are names and values in turn. */
  sendGap(topic: string, headers: readonly string[]): void {
    if (this.#phase !== 'open' || !this.engine.isOpen) return;
    this.engine.sendGap(topic, headers);
    this.connection.requestFlush();
  }

  onWritable(): void {
    this.handler.onWritable(this);
  }

  drain(reason: CloseReason): void {
    this.#ending = reason;
    this.engine.close();
    if (this.#phase !== 'open') {
      this.#phase = 'over';
      this.connection.done();
      return;
    }
    this.handler.onDrain?.(this, reason);
    this.#endIfAnswered();
  }

  refuse(reason: CloseReason): void {
    this.#phase = 'over';
    this.engine.refuse(this.#verdict ?? refusals[reason] ?? 'The connection was ended.');
  }

  probe(): boolean {
    const { bytesOut } = this.connection.endpoint;
    const wasSent = bytesOut !== this.#bytesOut;
    this.#bytesOut = bytesOut;
    return wasSent || this.engine.inFlight > 0;
  }

  end(reason: CloseReason): void {
    this.#phase = 'over';
    this.handler.onClose(this, reason);
  }

  #judge(secure: SecureSession | null): void {
    if (this.#phase !== 'unjudged') return;
    this.#verdict = this.handler.admit(this, secure);
    if (this.#verdict !== null) {
      this.connection.reject('refused');
      return;
    }
    this.#phase = 'open';
    this.engine.sendGreeting();
    this.connection.established();
    this.handler.onOpen(this);
    this.connection.requestFlush();
    this.#unblock();
  }

  #block(): StepResult {
    this.#isBlocked = true;
    return StepResult.Blocked;
  }

  #unblock(): void {
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.connection.unblock();
  }

  #afterReply(): void {
    this.connection.requestFlush();
    this.#unblock();
    this.#endIfAnswered();
  }

  /** Once the peer or we want the end, it comes behind the last reply. */
  #endIfAnswered(): void {
    const { connection, engine } = this;
    if (this.#phase !== 'open' || engine.inFlight > 0) return;
    if (this.#ending === null) {
      if (this.#hasPeerEnded) connection.finish('peerClosed');
      return;
    }
    this.#phase = 'over';
    const text = goodbyes[this.#ending];
    if (text !== undefined) engine.sendGoodbye(text, this.#ending === 'drained' ? ['Retry-After-Ms', String(this.#options.retryHint())] : []);
    connection.requestFlush();
    connection.done();
  }
}

function reasonOf({ code }: ProtocolFailure): CloseReason {
  if (code === 'messageTooLarge') return 'limitExceeded';
  return code === 'truncated' ? 'truncated' : 'protocolError';
}
