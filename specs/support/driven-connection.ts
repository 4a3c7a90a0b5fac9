// A connection in the hands of a spec: its endpoint is a script, its time stands until it is moved, its turns end when they are told to.

import { Pool } from '@sluice/brigade';
import {
  Connection,
  TurnQueue,
  defaultTimeouts,
  noThrottles,
  type CloseReason,
  type ConnectionHost,
  type Session,
  type TimeoutSettings,
  type WindowSettings,
} from '@sluice/connection';
import { TimingWheel, VirtualClock, WheelDriver } from '@sluice/timing';
import { ScriptedEndpoint } from './scripted-endpoint.ts';
import { plainSocket, type RecordingHandler } from './socket-server.ts';

export interface DrivenOptions<S extends Session> {
  readonly session: (pool: Pool) => S;
  readonly windows?: Partial<WindowSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
  readonly leftover?: Uint8Array;
  readonly userData?: unknown;
}

export class DrivenConnection<S extends Session> {
  readonly clock = new VirtualClock();
  readonly wheel = new TimingWheel({ startMs: 0 });
  /** Turns the wheel when the clock is moved. */
  readonly driver = new WheelDriver(this.wheel, this.clock, this.clock);
  readonly pool = new Pool('driven');
  readonly endpoint = new ScriptedEndpoint();
  readonly crashes: unknown[] = [];
  readonly closes: CloseReason[] = [];
  /** What hung on the connection in each call to its owner. */
  readonly handles: unknown[] = [];
  readonly session: S;
  readonly connection: Connection;

  constructor(options: DrivenOptions<S>) {
    const { clock, wheel, pool } = this;
    const host: ConnectionHost = {
      clock,
      wheel,
      pool,
      turn: new TurnQueue((run) => void clock.schedule(0, run)),
      windows: { outboundBytes: 16_384, outboundLowBytes: 4096, coalesceBytes: 2048, ...options.windows },
      timeouts: { ...defaultTimeouts, ...options.timeouts },
      throttles: noThrottles,
      observer: {
        onStep: ({ userData }) => void this.handles.push(userData),
        onCrash: ({ userData }, error) => {
          this.handles.push(userData);
          this.crashes.push(error);
        },
        onClosed: (connection, reason) => {
          this.handles.push(connection.userData);
          this.closes.push(reason);
          connection.pool.destroy();
        },
      },
    };
    const own = pool.subpool();
    this.session = options.session(own);
    this.connection = new Connection(this.endpoint, host, this.session, own);
    this.connection.userData = options.userData ?? null;
    this.connection.start(options.leftover ?? null);
  }

  /** The end of this turn of the event loop. */
  readonly turn = (): void => this.clock.advanceBy(0);

  /** Closes at once; answers what is held still. */
  readonly over = (): { readonly bytes: number; readonly deadlines: number } => {
    this.connection.abort();
    this.turn();
    return { bytes: this.pool.outstanding().bytes + this.endpoint.outstandingBytes, deadlines: this.wheel.size };
  };
}

/** A WebSocket on a scripted endpoint, with small windows. */
export function drivenSocket(handler: RecordingHandler, windows: Partial<WindowSettings> = {}) {
  const one = new DrivenConnection({
    session: (pool) => plainSocket(pool, handler),
    windows: { outboundBytes: 8192, outboundLowBytes: 2048, coalesceBytes: 1024, ...windows },
  });
  one.connection.established();
  return one;
}
