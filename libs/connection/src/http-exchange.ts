// One request and its reply, as an application sees them. Made per request; dropped when the reply has left.

import type { Bucket } from '@sluice/brigade';
import type { EncodedFields, FieldList, RequestHead } from '@sluice/http1';
import type { HttpSession } from './http-session.ts';
import type { Session } from './session.ts';

/** Takes a request's body as it comes. */
export interface BodyConsumer {
  /** `bytes[start, end)` is borrowed until the call returns. */
  onData(bytes: Uint8Array, start: number, end: number): void;
  onEnd(): void;
}

export class HttpExchange {
  /** The engine's, which uses it again for the next request: take what is needed later before anything is awaited. */
  readonly head: RequestHead;
  readonly method: string;
  readonly target: string;
  readonly session: HttpSession;
  /** Sent with whatever the reply is. */
  extraHeaders: FieldList = [];
  /** When the head was complete, by the host's clock. */
  readonly startedAtMs: number;
  /** 0 until the reply has begun. */
  status = 0;
  /** The status that the request was refused with, where it is not that of the reply: the refusal follows in the protocol the peer asked for. 0: none. */
  refusedStatus = 0;
  /** Body bytes of the request taken so far, and of the reply as far as made. */
  bytesIn = 0;
  bytesOut = 0;
  body: BodyConsumer | null = null;
  /** What the application keeps with it. */
  userData: unknown = null;
  /** Runs when the connection ends before the reply has. */
  onAbort: (() => void) | null = null;
  /** Room again after `session.connection.writeAllowance()` had run out. */
  onWritable: (() => void) | null = null;

  constructor(session: HttpSession, head: RequestHead) {
    this.session = session;
    this.head = head;
    this.method = head.method;
    this.target = head.target;
    this.startedAtMs = session.connection.host.clock.now();
  }

  /** Whether a reply can still be given: the connection lives, and this exchange is its current one. */
  get isOpen(): boolean {
    return this.session.isCurrent(this);
  }

  /** A whole reply. */
  reply(status: number, headers: FieldList, body: Uint8Array | null = null): void {
    const length = body === null ? 0 : body.length;
    this.begin(status, headers, length);
    if (body !== null && length > 0) this.write(body, 0, length);
    this.end();
  }

  /** The head of a reply. `contentLength` in bytes; without one the body is framed as the peer's version allows. */
  begin(status: number, headers: FieldList, contentLength = -1): void {
    this.status = status;
    const all = this.extraHeaders.length === 0 ? headers : [...headers, ...this.extraHeaders];
    this.session.engine.sendHead(status, all, contentLength);
  }

  /** As `begin`, with fields that were encoded before; `extraHeaders` are not sent. */
  beginEncoded(status: number, fields: EncodedFields, contentLength = -1): void {
    this.status = status;
    this.session.engine.sendHead(status, fields, contentLength);
  }

  write(bytes: Uint8Array, start: number, end: number): void {
    this.bytesOut += end - start;
    this.session.engine.sendData(bytes, start, end);
    this.session.connection.requestFlush();
  }

  /** A bucket of known length by reference: shared bytes or a file. */
  writeBucket(bucket: Bucket): void {
    this.bytesOut += bucket.length;
    try {
      this.session.engine.sendBucket(bucket);
    } catch (error) {
      // Not taken: whoever called has given it away.
      bucket.release();
      throw error;
    }
    this.session.connection.requestFlush();
  }

  end(): void {
    this.session.finishReply(this);
  }

  /** The application failed at this request, outside of a call of its handler: 500 where a reply can still be given. */
  crash(error: unknown): void {
    this.session.connection.crash(error);
  }

  /** Answers 101 and hands the connection to the session that `make` gives, once the request is complete. */
  upgrade(protocol: string, headers: FieldList, make: () => Session): void {
    this.status = 101;
    this.session.upgrade(this, protocol, headers, make);
  }

  /** Hands the connection over while this reply is still going on: an event stream, say. */
  takeOver(make: (session: HttpSession) => Session): void {
    this.session.takeOver(this, make);
  }
}
