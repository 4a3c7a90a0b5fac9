// A protocol small enough to be seen through: lines in, the same lines in upper case out. `quit` ends, `bad` breaks the protocol,
// `hello` completes the greeting, `wait` blocks until `unblock`, `crash` throws, `big N` answers N bytes.

import { Brigade, type Pool } from '@sluice/brigade';
import { StepResult, type CloseReason, type Connection, type Session } from '../../src/index.ts';

export class LineSession implements Session {
  readonly protocol = 'line';
  readonly output: Brigade;
  readonly controlOutput = null;
  idleTimeoutMs = 1000;
  connection!: Connection;
  /** What happened, in order. */
  readonly events: string[] = [];
  probes = 0;
  #unread = '';
  #blocked = false;
  #ended = false;

  constructor(pool: Pool) {
    this.output = new Brigade(pool);
  }

  get heldBytes(): number {
    return this.#unread.length;
  }

  attach(connection: Connection): void {
    this.connection = connection;
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.#unread += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  receiveEnd(): void {
    this.#ended = true;
  }

  setaside(): void {
    // Lines are copied as they come.
  }

  step(): StepResult {
    if (this.#blocked) return StepResult.Blocked;
    const lineEnd = this.#unread.indexOf('\n');
    if (lineEnd < 0) {
      if (this.#ended) {
        this.connection.finish(this.#unread === '' ? 'peerClosed' : 'truncated');
        this.connection.done();
      }
      return StepResult.NeedData;
    }
    const line = this.#unread.slice(0, lineEnd);
    this.#unread = this.#unread.slice(lineEnd + 1);
    this.events.push(line);
    if (line === 'crash') throw new Error('crashed');
    if (line === 'wait') {
      this.#blocked = true;
    } else if (line === 'quit') {
      this.connection.finish('served');
      this.connection.done();
    } else if (line === 'bad') {
      this.say('ERR bad');
      this.connection.fail('protocolError');
    } else if (line.startsWith('big ')) {
      this.say('x'.repeat(Number(line.slice(4)) - 1));
    } else {
      if (line === 'hello') this.connection.established();
      this.say(line.toUpperCase());
    }
    return StepResult.Again;
  }

  say(text: string): void {
    this.output.writeLatin1(`${text}\n`);
  }

  unblock(): void {
    this.#blocked = false;
    this.connection.unblock();
  }

  onWritable(): void {
    this.events.push('(writable)');
  }

  drain(reason: CloseReason): void {
    this.events.push(`(drain ${reason})`);
    if (reason === 'drained' || reason === 'idleTimeout' || reason === 'sustainTimeout') {
      this.say('BYE');
      if (!this.#blocked) this.connection.done();
    }
  }

  refuse(reason: CloseReason): void {
    this.say(`ERR ${reason}`);
  }

  probe(): boolean {
    this.probes++;
    if (this.probes > 1) return false;
    this.say('PING');
    return true;
  }

  end(reason: CloseReason): void {
    this.events.push(`(end ${reason})`);
  }
}
