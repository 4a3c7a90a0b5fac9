// `/inspection/stream`: a WebSocket that Stately's own inspectors listen on (`createWebSocketReceiver({server: 'ws://…'})` of
// @statelyai/inspect): each text message is one inspection event. Events wait in the watcher's queue for the socket's window; what the other side
// sends is ignored.

import type { Flushable, TurnQueue, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { Watcher } from '@sluice/inspection';
import { Opcode } from '@sluice/websocket';

/** A frame's head, unmasked (RFC 6455, section 5.2). */
const headBytes = 10;

export class StatelySocket implements WebSocketHandler, Flushable {
  readonly #watcher: Watcher | null;
  readonly #turn: TurnQueue;
  #socket: WebSocketSession | null = null;
  #noted = false;
  #pending: string | null = null;

  /** Null: too many watch already, and the peer is told. */
  constructor(watcher: Watcher | null, turn: TurnQueue) {
    this.#watcher = watcher;
    this.#turn = turn;
  }

  onOpen(socket: WebSocketSession): void {
    if (this.#watcher === null) {
      socket.close(1013, 'too many watch already', 'overload');
      return;
    }
    this.#socket = socket;
    this.#watcher.onReadable = () => this.#note();
    this.#note();
  }

  onMessage(): boolean {
    return true;
  }

  onWritable(): void {
    this.flush();
  }

  onClose(): void {
    this.#socket = null;
    this.#pending = null;
    this.#watcher?.close();
  }

  /** Inside a step of some chart: what is to be sent is sent at the end of the turn. */
  #note(): void {
    if (this.#noted) return;
    this.#noted = true;
    this.#turn.add(this);
  }

  flush(): void {
    this.#noted = false;
    const socket = this.#socket;
    const watcher = this.#watcher;
    if (socket === null || watcher === null) return;
    for (let text = this.#pending ?? watcher.next(); text !== null; text = watcher.next()) {
      // Events are ASCII: a character is a byte.
      if (!socket.connection.admit(text.length + headBytes)) {
        this.#pending = text;
        return;
      }
      this.#pending = null;
      // Asking may send, and that may find out that nobody is there.
      if (this.#socket === null) return;
      socket.send(Opcode.Text, Buffer.from(text, 'latin1'));
    }
    if (watcher.isOver) socket.close(1000, 'all of them have ended', 'served');
  }
}
