// WebSockets as a library's user serves them: HTTP first, an upgrade, and a handler of the user's own. And a handler that notes what it is told.

import { createHash } from 'node:crypto';
import type { Pool } from '@sluice/brigade';
import { HttpSession, WebSocketSession, type CloseReason, type HttpExchange, type Liveness, type WebSocketHandler } from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { WebSocketEngine, serverHandshake, type MessageOpcode } from '@sluice/websocket';

const forever: Liveness = { pingIntervalMs: 0, idleTimeoutMs: 0 };

/** A WebSocket that is one from the first byte. */
export function plainSocket(pool: Pool, handler: WebSocketHandler, liveness: Liveness = forever): WebSocketSession {
  return new WebSocketSession(new WebSocketEngine({ role: 'server', pool }), handler, liveness);
}

/** Every request is an upgrade; `make` is asked for what the socket is. */
export function socketServer(make: (exchange: HttpExchange) => WebSocketHandler, liveness: Liveness = forever): (pool: Pool) => HttpSession {
  const onRequest = (exchange: HttpExchange): void => {
    const answer = serverHandshake(
      { method: exchange.method, httpVersion: '1.1', header: (name) => exchange.head.get(name) ?? undefined },
      { sha1: (bytes) => createHash('sha1').update(bytes).digest() },
    );
    if (!answer.accepted) {
      exchange.reply(answer.status, answer.headers.flat());
      return;
    }
    const headers = answer.headers.filter(([name]) => name !== 'Upgrade' && name !== 'Connection').flat();
    exchange.upgrade('websocket', headers, () => plainSocket(exchange.session.connection.pool, make(exchange), liveness));
  };
  const handler = { onRequest, onReplied() {}, errorReply: () => ({ headers: [], body: new Uint8Array(0) }) };
  return (pool) => new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 0 });
}

export class RecordingHandler implements WebSocketHandler {
  socket!: WebSocketSession;
  readonly seen: string[] = [];
  /** How often there was room again. */
  roomTold = 0;
  closedFor: CloseReason | null = null;
  /** Whether the next message may come behind this one. */
  goesOn: (message: string) => boolean = () => true;
  whenOpen: (socket: WebSocketSession) => void = () => {};
  whenWritable: (socket: WebSocketSession) => void = () => {};

  onOpen(socket: WebSocketSession): void {
    this.socket = socket;
    this.whenOpen(socket);
  }

  onMessage(_socket: WebSocketSession, _opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    const message = Buffer.from(bytes.subarray(start, end)).toString('latin1');
    this.seen.push(message);
    return this.goesOn(message);
  }

  onWritable(socket: WebSocketSession): void {
    this.roomTold++;
    this.whenWritable(socket);
  }

  onClose(_socket: WebSocketSession, reason: CloseReason): void {
    this.closedFor = reason;
  }
}
