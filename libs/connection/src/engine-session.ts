// What all sessions over one engine have in common: bytes go to the engine, output is the engine's. What is left to a session
// is what its protocol means: the steps, the goodbye, the refusal, the probe.

import type { Brigade } from '@sluice/brigade';
import type { Connection } from './connection.ts';
import type { CloseReason } from './reasons.ts';
import type { Session, StepResult } from './session.ts';

/** The verbs that every engine has. */
export interface SessionEngine {
  readonly output: Brigade;
  /** Of an engine that has control frames. */
  readonly controlOutput?: Brigade;
  readonly heldBytes: number;
  receive(bytes: Uint8Array, start: number, end: number): void;
  receiveEnd(): void;
  setaside(): void;
}

export abstract class EngineSession<Engine extends SessionEngine> implements Session {
  abstract readonly protocol: string;
  readonly engine: Engine;
  // Fields of their own: the driver looks at them for every read, whatever the engine.
  readonly output: Brigade;
  readonly controlOutput: Brigade | null;
  connection!: Connection;

  constructor(engine: Engine) {
    this.engine = engine;
    this.output = engine.output;
    this.controlOutput = engine.controlOutput ?? null;
  }

  abstract get idleTimeoutMs(): number;

  get heldBytes(): number {
    return this.engine.heldBytes;
  }

  attach(connection: Connection): void {
    this.connection = connection;
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.engine.receive(bytes, start, end);
  }

  receiveEnd(): void {
    this.engine.receiveEnd();
  }

  setaside(): void {
    this.engine.setaside();
  }

  abstract step(): StepResult;
  abstract onWritable(): void;
  abstract drain(reason: CloseReason): void;
  abstract refuse(reason: CloseReason): void;
  abstract probe(): boolean;
  abstract end(reason: CloseReason): void;
}
