// `/ping`: the server pings every second and tells what each took, as text: `{"sequence":1,"roundTripMs":0.42}`. A message of the client's
// comes back as it is, so that the client can measure its own way too.
//
// At most one ping is on its way: while its pong is missing nothing is sent.

import type { WebSocketSession } from '@sluice/connection';
import { Opcode, type MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Beat } from './beat.ts';
import { BeatingSocket } from './beating-socket.ts';
import { echo } from './echo.ts';

export const pingIntervalMs = 1000;
const payloadBytes = 4;

export class PingSocket extends BeatingSocket {
  readonly #traffic: TrafficCounters;
  #sequence = 0;
  /** When the ping on its way was sent; −1 when there is none. */
  #sentAtMs = -1;

  constructor(beat: Beat, traffic: TrafficCounters) {
    super(beat);
    this.#traffic = traffic;
  }

  beat(): void {
    const { connection, engine } = this.socket;
    if (this.#sentAtMs >= 0 || engine.closeState !== 'open' || connection.queuedBytes > 0) return;
    const payload = Buffer.alloc(payloadBytes);
    payload.writeUInt32BE(++this.#sequence >>> 0);
    this.#sentAtMs = connection.host.clock.now();
    engine.sendPing(payload);
    connection.requestFlush();
  }

  /** A pong nobody asked for, or of an earlier ping, says nothing. */
  onPong(socket: WebSocketSession, bytes: Uint8Array, start: number, end: number): void {
    if (this.#sentAtMs < 0 || end - start !== payloadBytes) return;
    if (Buffer.from(bytes.subarray(start, end)).readUInt32BE() !== this.#sequence >>> 0) return;
    const elapsedMs = socket.connection.host.clock.now() - this.#sentAtMs;
    this.#sentAtMs = -1;
    this.#traffic.messagesOut++;
    socket.send(Opcode.Text, Buffer.from(JSON.stringify({ sequence: this.#sequence, roundTripMs: Math.round(elapsedMs * 1000) / 1000 })));
  }

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    return echo(this.#traffic, socket, opcode, bytes, start, end);
  }
}
