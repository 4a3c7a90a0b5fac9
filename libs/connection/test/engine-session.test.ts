import { Brigade, Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { EngineSession, StepResult, type SessionEngine } from '../src/index.ts';
import { stage } from './support/stage.ts';

/** Keeps a note of what it is asked. */
class NotingEngine implements SessionEngine {
  readonly output: Brigade;
  readonly asked: string[] = [];
  heldBytes = 0;

  constructor(pool: Pool) {
    this.output = new Brigade(pool);
  }

  receive(bytes: Uint8Array, start: number, end: number): void {
    this.heldBytes += end - start;
    this.asked.push(`receive ${Buffer.from(bytes.subarray(start, end)).toString()}`);
  }

  receiveEnd(): void {
    this.asked.push('receiveEnd');
  }

  setaside(): void {
    this.asked.push('setaside');
  }
}

class NotingSession extends EngineSession<NotingEngine> {
  readonly protocol = 'noting';
  readonly idleTimeoutMs = 0;
  next: StepResult = StepResult.NeedData;

  step(): StepResult {
    return this.next;
  }

  onWritable(): void {}
  drain(): void {}
  refuse(): void {}
  probe(): boolean {
    return false;
  }
  end(): void {}
}

const open = () => stage({ session: (pool) => new NotingSession(new NotingEngine(pool)) });

describe('a session over an engine', () => {
  it('hands it the bytes, has it keep what is unread, and tells it the end', () => {
    const { endpoint, session, connection } = open();
    expect(session.connection).toBe(connection);
    endpoint.arrive('one');
    session.next = StepResult.Blocked;
    endpoint.arrive('two');
    session.next = StepResult.NeedData;
    connection.unblock();
    connection.established();
    endpoint.end();
    expect(session.engine.asked).toEqual(['receive one', 'receive two', 'setaside', 'receiveEnd']);
    expect(session.heldBytes).toBe(6);
  });

  it('sends what it makes', () => {
    const { endpoint, session, connection, turn } = open();
    expect(session.output).toBe(session.engine.output);
    expect(session.controlOutput).toBe(null);
    session.engine.output.writeLatin1('text');
    connection.requestFlush();
    turn();
    expect(endpoint.sent).toBe('text');
  });

  it('lets the control frames of an engine that has them leave first', () => {
    const { endpoint, session, connection, turn } = stage({
      session: (pool) => {
        const engine = Object.assign(new NotingEngine(pool), { controlOutput: new Brigade(pool) });
        return new NotingSession(engine);
      },
    });
    session.output.writeLatin1('data');
    session.controlOutput!.writeLatin1('control ');
    connection.requestFlush();
    turn();
    expect(endpoint.sent).toBe('control data');
  });
});
