// Holds a WebSocket to its peer's message rate. Stands in front of the socket's own handler, and only where there is a rate to hold it
// to: messages of an exempt peer go to the handler itself.
//
// A message over the rate closes the socket with 4429, whose reason says when to come back, and is not looked at.

import type { CloseReason, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { MessageOpcode } from '@sluice/websocket';
import { closeCodeOf, closeReason } from '../refusals/close-code.ts';
import type { PeerRate, PeerRates } from './peer-rates.ts';

export class RatedHandler implements WebSocketHandler {
  /** What the socket is to the gateway. */
  readonly inner: WebSocketHandler;
  readonly #rates: PeerRates;
  readonly #host: string;
  #rate: PeerRate | null = null;

  /** `host` is the client's address: the peer's, or what a trusted proxy names. */
  constructor(inner: WebSocketHandler, rates: PeerRates, host: string) {
    this.inner = inner;
    this.#rates = rates;
    this.#host = host;
  }

  onOpen(socket: WebSocketSession): void {
    this.#rate = this.#rates.hold(this.#host);
    this.inner.onOpen(socket);
  }

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#rate === null || this.#rates.takeMessage(this.#rate)) return this.inner.onMessage(socket, opcode, bytes, start, end);
    socket.close(closeCodeOf(429), closeReason(this.#rates.messageRefusal, this.#rates.retryAfterMs(this.#rate)), 'rateLimited');
    return true;
  }

  onPong(socket: WebSocketSession, bytes: Uint8Array, start: number, end: number): void {
    this.inner.onPong?.(socket, bytes, start, end);
  }

  onWritable(socket: WebSocketSession): void {
    this.inner.onWritable(socket);
  }

  onClose(socket: WebSocketSession, reason: CloseReason): void {
    if (this.#rate !== null) this.#rates.release(this.#rate);
    this.#rate = null;
    this.inner.onClose(socket, reason);
  }
}

/** What a socket is to the gateway, whether a rate stands in front of it or not. */
export function innerHandler(handler: WebSocketHandler): WebSocketHandler {
  return handler instanceof RatedHandler ? handler.inner : handler;
}
