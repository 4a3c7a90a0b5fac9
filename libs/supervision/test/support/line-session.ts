// A protocol just large enough for supervision: whatever comes is echoed, `crash` throws, `busy` keeps the connection from
// draining by itself. Refused peers are told `full`, drained ones `bye`.

import { Brigade, type Pool } from '@sluice/brigade';
import { StepResult, type CloseReason, type Connection, type Session } from '@sluice/connection';

export class LineSession implements Session {
  readonly protocol = 'line';
  readonly output: Brigade;
  readonly controlOutput = null;
  readonly heldBytes = 0;
  readonly idleTimeoutMs = 0;
  readonly #onEnd: (id: number, reason: CloseReason) => void;
  #connection!: Connection;
  #unread = '';
  #busy = false;
  #peerEnded = false;

  constructor(pool: Pool, onEnd: (id: number, reason: CloseReason) => void) {
    this.output = new Brigade(pool);
    this.#onEnd = onEnd;
  }

  attach(connection: Connection): void {
    this.#connection = connection;
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.#unread += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  receiveEnd(): void {
    this.#peerEnded = true;
  }

  setaside(): void {
    // Text is copied as it comes.
  }

  step(): StepResult {
    const text = this.#unread;
    this.#unread = '';
    if (text === 'crash') throw new Error('crashed');
    if (text === 'busy') this.#busy = true;
    if (text !== '') {
      this.#connection.established();
      this.output.writeLatin1(text);
    }
    if (this.#peerEnded) {
      this.#connection.finish('peerClosed');
      this.#connection.done();
    }
    return StepResult.NeedData;
  }

  onWritable(): void {
    // It never holds back.
  }

  drain(): void {
    this.output.writeLatin1('bye');
    if (!this.#busy) this.#connection.done();
  }

  refuse(reason: CloseReason): void {
    this.output.writeLatin1(reason === 'overload' ? 'full' : 'failed');
  }

  probe(): boolean {
    return false;
  }

  end(reason: CloseReason): void {
    this.#onEnd(this.#connection.id, reason);
  }
}
