// Publishes to one topic and knows what has arrived. Messages go through an outbox; each connection sends what is not confirmed, as far as
// its window admits, so that neither a slow gateway nor a lost one makes this process grow or lose a message.
//
// How a message is confirmed: over the command protocol by the reply to its PUBLISH. A WebSocket has no reply, but it keeps order: a gateway
// takes a ping when it has published everything before it, so a ping behind each batch carries the batch's last id, and its pong confirms.
// After a loss the unconfirmed are sent again: each arrives at least once, and twice when only its confirmation was lost.
//
// A gateway closes a WebSocket whose messages come too fast, before the ping behind them. So batches begin small on each connection and double
// with every confirmation, and begin smaller on the next one when a connection has brought none: there is always progress.

import { isUtf8 } from 'node:buffer';
import type { CommandClientHandler, CommandClientSession, OutboundContext, OutboundSession, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { Outbox, Outgoing } from './outbox.ts';
import { commandLink, webSocketLink, type LinkOptions, type LinkSessions } from './topic-link.ts';

export interface PublisherEvents {
  /** More was confirmed. */
  onConfirmed(): void;
  /** The gateway does not take a message, and would not take it later. */
  onRejected(text: string): void;
}

/** Room for a frame's or a request's own bytes. */
const overheadBytes = 512;
/** When a message that came too fast is sent again. */
const tooFastMs = 1000;
const pingBytes = 8;
/** Unconfirmed messages on a WebSocket: at first, and at most. */
const firstWindow = 16;
const largestWindow = 1024;

export class Publisher implements LinkSessions {
  readonly #link: LinkOptions;
  readonly #outbox: Outbox;
  readonly #events: PublisherEvents;
  /** Sends one message if the connection has room for it. */
  #send: ((message: Outgoing) => boolean) | null = null;
  /** Called behind a batch. */
  #mark: ((lastId: number) => void) | null = null;
  /** So many messages may be unconfirmed on this connection; the next one begins with `#firstWindow`. */
  #window = Infinity;
  #firstWindow = firstWindow;
  /** Messages came too fast. */
  #isHeld = false;

  constructor(link: LinkOptions, outbox: Outbox, events: PublisherEvents) {
    this.#link = link;
    this.#outbox = outbox;
    this.#events = events;
  }

  /** Sends what there is, as far as there is a connection with room. */
  pump(): void {
    if (this.#send === null || this.#isHeld) return;
    let last = 0;
    const outbox = this.#outbox;
    for (let message = outbox.peek(); message !== null && outbox.inFlight < this.#window && this.#send(message); message = outbox.peek()) {
      outbox.sent();
      last = message.id;
    }
    if (last > 0) this.#mark?.(last);
  }

  webSocket(context: OutboundContext): OutboundSession {
    const handler: WebSocketHandler = {
      onOpen: (socket) => {
        this.#window = this.#firstWindow;
        this.#firstWindow = Math.max(1, this.#firstWindow >> 1);
        this.#open((message) => sendFrame(socket, message), (lastId) => sendMark(socket, lastId));
      },
      // A topic's socket hears the topic, too.
      onMessage: () => true,
      onPong: (_socket, bytes, start, end) => {
        if (end - start !== pingBytes) return;
        this.#outbox.confirmUpTo(new DataView(bytes.buffer, bytes.byteOffset + start, pingBytes).getFloat64(0));
        this.#window = Math.min(largestWindow, this.#window * 2);
        this.#firstWindow = firstWindow;
        this.#events.onConfirmed();
        this.pump();
      },
      onWritable: () => this.pump(),
      onClose: () => this.#close(),
    };
    return webSocketLink(this.#link, context, {}, handler);
  }

  command(context: OutboundContext): OutboundSession {
    const handler: CommandClientHandler = {
      onOpen: (session) => this.#open((message) => this.#request(session, message), null),
      onPublication() {},
      onGap() {},
      onWritable: () => this.pump(),
      onClose: () => this.#close(),
    };
    return commandLink(context, handler);
  }

  #open(send: (message: Outgoing) => boolean, mark: ((lastId: number) => void) | null): void {
    this.#send = send;
    this.#mark = mark;
    this.#outbox.rewind();
    this.pump();
  }

  #close(): void {
    this.#send = null;
    this.#mark = null;
  }

  #request(session: CommandClientSession, { id, bytes }: Outgoing): boolean {
    if (!session.client.isOpen || !session.connection.admit(bytes.length + overheadBytes)) return false;
    session.request(
      'PUBLISH',
      [this.#link.topic],
      (reply) => {
        // Without a reply it is sent again by the next connection.
        if (reply === null) return;
        if (reply.ok) {
          this.#outbox.confirm(id);
          this.#events.onConfirmed();
          this.pump();
        } else if (/^too many\b/i.test(reply.text)) {
          this.#slowDown(id);
        } else {
          this.#events.onRejected(reply.text);
        }
      },
      { body: bytes },
    );
    return true;
  }

  /** A message came too fast: it is sent again after a while, and nothing before that. */
  #slowDown(id: number): void {
    this.#outbox.retry(id);
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#link.runtime.after(tooFastMs, () => {
      this.#isHeld = false;
      this.pump();
    });
  }
}

function sendFrame(socket: WebSocketSession, { bytes }: Outgoing): boolean {
  if (!socket.connection.admit(bytes.length + overheadBytes)) return false;
  socket.send(isUtf8(bytes) ? 1 : 2, bytes);
  return true;
}

function sendMark(socket: WebSocketSession, lastId: number): void {
  const mark = new DataView(new ArrayBuffer(pingBytes));
  mark.setFloat64(0, lastId);
  socket.engine.sendPing(new Uint8Array(mark.buffer), 0, pingBytes);
  socket.connection.requestFlush();
}
