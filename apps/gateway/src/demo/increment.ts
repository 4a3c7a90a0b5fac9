// `/increment`: a counter, sent as text every 50 ms. `reset` from the client sets it to 0, `closeme` has the server close (1001).
//
// A client that reads slowly gets the numbers later, not fewer and not piled up: while its window is full the counter waits.

import type { WebSocketSession } from '@sluice/connection';
import { Opcode, type MessageOpcode } from '@sluice/websocket';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Beat } from './beat.ts';
import { BeatingSocket } from './beating-socket.ts';

export const incrementIntervalMs = 50;

export class IncrementSocket extends BeatingSocket {
  readonly #traffic: TrafficCounters;
  #number = 0;

  constructor(beat: Beat, traffic: TrafficCounters) {
    super(beat);
    this.#traffic = traffic;
  }

  beat(): void {
    const text = Buffer.from(String(this.#number));
    if (!this.socket.connection.admit(text.length)) return;
    this.#number++;
    this.#traffic.messagesOut++;
    this.socket.send(Opcode.Text, text);
  }

  onMessage(socket: WebSocketSession, _opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    this.#traffic.messagesIn++;
    const command = end - start > 16 ? '' : Buffer.from(bytes.subarray(start, end)).toString('latin1').trimEnd();
    if (command === 'reset') this.#number = 0;
    else if (command === 'closeme') socket.close(1001, 'as you wish', 'served');
    return true;
  }
}
