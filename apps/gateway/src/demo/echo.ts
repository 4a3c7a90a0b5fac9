// `/echo`: every message comes back as it is. The plainest use of a WebSocket session, and what the benchmark drives.

import type { WebSocketHandler, WebSocketSession } from '@sluice/connection';
import type { MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';

/** Sends the message back. True, as a handler answers: the next may come. */
export function echo(traffic: TrafficCounters, socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): true {
  traffic.messagesIn++;
  traffic.messagesOut++;
  socket.engine.sendMessage(opcode, bytes, start, end);
  return true;
}

export class EchoHandler implements WebSocketHandler {
  readonly #traffic: TrafficCounters;

  constructor(traffic: TrafficCounters) {
    this.#traffic = traffic;
  }

  onOpen(): void {}

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    return echo(this.#traffic, socket, opcode, bytes, start, end);
  }

  onWritable(): void {}

  onClose(): void {}
}
