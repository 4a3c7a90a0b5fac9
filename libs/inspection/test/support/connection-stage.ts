// One real connection in virtual time, over an endpoint that takes `capacity` bytes and no more.

import { Brigade, Pool } from '@sluice/brigade';
import { Connection, StepResult, TurnQueue, defaultTimeouts, type ConnectionObserver, type Session } from '@sluice/connection';
import { TimingWheel, VirtualClock } from '@sluice/timing';

type Endpoint = Connection['endpoint'];

class StillEndpoint implements Endpoint {
  readonly peer = { host: '192.0.2.7', port: 4711 };
  readonly local = { host: '192.0.2.1', port: 80 };
  readonly bytesIn = 0;
  bytesOut = 0;
  capacity = Infinity;
  readonly #queue = new Brigade(new Pool('still endpoint'));

  get queuedBytes(): number {
    return this.#queue.memoryBytes;
  }

  attach(): void {}
  setReading(): void {}
  shutdown(): void {}

  write(brigade: Brigade): void {
    this.#queue.concat(brigade);
    const taken = Math.min(this.capacity, this.#queue.memoryBytes);
    this.#queue.consume(taken);
    this.capacity -= taken;
    this.bytesOut += taken;
  }

  close(): void {
    this.#queue.destroy(new Error('closed'));
  }

  abort(): void {
    this.close();
  }
}

/** Says what it is told to, and hears nothing. */
class TellingSession implements Session {
  readonly protocol = 'telling';
  readonly output: Brigade;
  readonly controlOutput = null;
  readonly heldBytes = 12;
  readonly idleTimeoutMs = 5000;

  constructor(pool: Pool) {
    this.output = new Brigade(pool);
  }

  attach(): void {}
  receive(): void {}
  receiveEnd(): void {}
  setaside(): void {}
  onWritable(): void {}
  drain(): void {}
  refuse(): void {}
  end(): void {}

  step(): StepResult {
    return StepResult.NeedData;
  }

  probe(): boolean {
    return false;
  }
}

export function connectionStage(onStep: ConnectionObserver['onStep'] = () => {}, secure?: Endpoint['secureSession']) {
  const clock = new VirtualClock(1000);
  const pool = new Pool('stage');
  const host = {
    clock,
    pool,
    wheel: new TimingWheel({ startMs: 1000 }),
    turn: new TurnQueue((run) => void clock.schedule(0, run)),
    windows: { outboundBytes: 1000, outboundLowBytes: 250, coalesceBytes: 100 },
    timeouts: { ...defaultTimeouts, sustainTimeoutMs: 60_000 },
    throttles: { inBytesPerSecond: 0, outBytesPerSecond: 0 },
    observer: { onStep, onCrash() {}, onClosed: (connection: Connection) => connection.pool.destroy() },
  };
  const endpoint = new StillEndpoint();
  const secured = secure === undefined ? endpoint : Object.assign(endpoint, { secureSession: secure });
  const session = new TellingSession(pool);
  const connection = new Connection(secured, host, session);
  return { clock, connection, endpoint, session };
}
