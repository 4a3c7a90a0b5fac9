// A client: an engine in the client role, with a callback for each request and one object that is told everything else. It has no
// socket: whoever has the connection lends it what arrives, and sends what is in `output` after every call.
//
//   request(…) ──▶ output ──▶ connection ──▶ receive(bytes) ──▶ the callback of the request with that Sequence
//                                                         └──▶ onPublication, onGap, onGreeting, onEnd
//
// Each callback is called once: with its reply, or with null when the connection has ended without it.

import type { Brigade, Pool } from '@sluice/brigade';
import { CommandEngine } from './engine.ts';
import { CommandEvent } from './events.ts';
import type { ProtocolFailure } from './failure.ts';
import type { GapHead, PublicationHead, ReplyHead } from './head.ts';
import type { CommandLimits } from './limits.ts';
import type { HeaderList } from './writer.ts';

/**
 * A reply, with its body in `bytes[start, end)`; or null: the connection has ended without one. Head and bytes are lent for the call;
 * strings taken from the head stay. What it throws comes out of `receive`; the next call goes on behind that reply.
 */
export type ReplyCallback = (reply: ReplyHead | null, bytes: Uint8Array, start: number, end: number) => void;

/** How the connection ended. */
export type CommandEnd =
  /** The server said goodbye: a request without reply was not begun. `retryAfterMs` is its wish, -1 where it has none. */
  | { readonly kind: 'goodbye'; readonly text: string; readonly retryAfterMs: number }
  /** The server's `ERR` about the connection, in place of the greeting or after it. */
  | { readonly kind: 'refused'; readonly text: string }
  /** The server, or the transport, broke off: by FIN where that is no end, or by what is not this protocol. */
  | { readonly kind: 'failed'; readonly failure: ProtocolFailure }
  /** FIN with nothing open, after `close()` or not; or `abandon()`. */
  | { readonly kind: 'closed' };

export interface CommandClientEvents {
  /** The server takes requests. They may be made before, too. */
  onGreeting?(): void;
  /** Head and bytes are lent for the call. */
  onPublication?(publication: PublicationHead, bytes: Uint8Array, start: number, end: number): void;
  /** Publications are missing before the next one. */
  onGap?(gap: GapHead): void;
  /** The last call. Every callback has been called. */
  onEnd?(end: CommandEnd): void;
}

export interface CommandClientOptions {
  /** Where output takes its memory from. */
  readonly pool: Pool;
  readonly limits?: Partial<CommandLimits>;
}

export interface RequestParts {
  /** Names and values in turn. */
  readonly headers?: HeaderList;
  readonly body?: Uint8Array;
}

const nothing = new Uint8Array(0);

export class CommandClient {
  readonly engine: CommandEngine;
  readonly #events: CommandClientEvents;
  readonly #waiting = new Map<string, ReplyCallback>();
  #goodbye: { readonly text: string; readonly retryAfterMs: number } | null = null;
  #hasEnded = false;
  /** A callback is being called, or may be: what it asks for comes behind it. */
  #isRunning = false;

  /** Throws `UsageError` for a limit out of its range. */
  constructor({ pool, limits }: CommandClientOptions, events: CommandClientEvents) {
    this.engine = new CommandEngine({ role: 'client', pool, ...(limits !== undefined && { limits }) });
    this.#events = events;
  }

  /** What is to be sent. */
  get output(): Brigade {
    return this.engine.output;
  }

  /** Requests can be made. */
  get isOpen(): boolean {
    return this.engine.isOpen && !this.#hasEnded;
  }

  /** Requests that wait for their replies. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Sends a request; its Sequence is the answer. Need not wait for the greeting. Throws `UsageError`, with nothing sent, also once `isOpen` is false. */
  request(command: string, args: readonly string[], callback: ReplyCallback, { headers, body }: RequestParts = {}): string {
    const sequence = this.engine.sendRequest(command, args, headers, body);
    this.#waiting.set(sequence, callback);
    return sequence;
  }

  /** Lends what has arrived. All of it has been used when this returns or throws. */
  receive(bytes: Uint8Array, start = 0, end: number = bytes.length): void {
    this.engine.receive(bytes, start, end);
    this.#run();
  }

  /** The server will send no more. */
  receiveEnd(): void {
    this.engine.receiveEnd();
    this.#run();
  }

  /** No further request; the replies that are due still come, and `onEnd` behind them. The connection's owner then sends FIN. */
  close(): void {
    this.engine.close();
    this.#run();
  }

  /** The connection is gone without an end of its own (a reset): what waits is told. */
  abandon(): void {
    this.#end({ kind: 'closed' });
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (!this.#hasEnded && this.#step()) {
        // Each step is one event.
      }
    } finally {
      this.#isRunning = false;
      this.engine.setaside();
    }
  }

  /** False when there is nothing more. */
  #step(): boolean {
    const { engine } = this;
    switch (engine.next()) {
      case CommandEvent.Greeting:
        this.#events.onGreeting?.();
        return true;
      case CommandEvent.Reply:
        this.#reply(engine.reply);
        return true;
      case CommandEvent.Publication:
        this.#events.onPublication?.(engine.publication, engine.data, engine.dataStart, engine.dataEnd);
        return true;
      case CommandEvent.Gap:
        this.#events.onGap?.(engine.gap);
        return true;
      case CommandEvent.Goodbye:
        this.#goodbye = { text: engine.goodbye.text, retryAfterMs: retryAfterOf(engine.goodbye.header('Retry-After-Ms')) };
        return true;
      case CommandEvent.Refused:
        this.#end({ kind: 'refused', text: engine.refusal ?? '' });
        return false;
      case CommandEvent.Closed:
        this.#end(this.#goodbye === null ? { kind: 'closed' } : { kind: 'goodbye', ...this.#goodbye });
        return false;
      case CommandEvent.Failed:
        this.#end({ kind: 'failed', failure: engine.failure as ProtocolFailure });
        return false;
      default:
        return false;
    }
  }

  #reply(reply: ReplyHead): void {
    const { data, dataStart, dataEnd } = this.engine;
    const { sequence } = reply;
    const callback = this.#waiting.get(sequence) as ReplyCallback;
    this.#waiting.delete(sequence);
    callback(reply, data, dataStart, dataEnd);
  }

  /** Whatever a callback throws, all of them are called; the first error comes out. */
  #end(end: CommandEnd): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const errors: unknown[] = [];
    const attempt = (call: () => void): void => {
      try {
        call();
      } catch (error) {
        errors.push(error);
      }
    };
    const callbacks = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const callback of callbacks) attempt(() => callback(null, nothing, 0, 0));
    attempt(() => this.#events.onEnd?.(end));
    if (errors.length > 0) throw errors[0];
  }
}

/** Milliseconds, or -1 where there is no such number. */
function retryAfterOf(value: string | null): number {
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : -1;
}
