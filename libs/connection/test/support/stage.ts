// A connection on a stage: virtual time, a scripted endpoint, and everything the observer was told.

import { Pool } from '@sluice/brigade';
import { TimingWheel, VirtualClock, WheelDriver } from '@sluice/timing';
import {
  Connection,
  TurnQueue,
  defaultTimeouts,
  noThrottles,
  type CloseReason,
  type ConnectionHost,
  type Session,
  type ThrottleSettings,
  type TimeoutSettings,
  type WindowSettings,
} from '../../src/index.ts';
import { ScriptedEndpoint } from './scripted-endpoint.ts';

export interface StageOptions<S extends Session> {
  readonly session: (pool: Pool) => S;
  readonly windows?: Partial<WindowSettings>;
  readonly timeouts?: Partial<TimeoutSettings>;
  readonly throttles?: Partial<ThrottleSettings>;
  readonly leftover?: Uint8Array;
  /** The endpoint encrypts, and its handshake is running. */
  readonly handshaking?: boolean;
}

export function stage<S extends Session>(options: StageOptions<S>) {
  const clock = new VirtualClock();
  const pool = new Pool('stage');
  const wheel = new TimingWheel({ startMs: 0 });
  const driver = new WheelDriver(wheel, clock, clock);
  const steps: string[] = [];
  const crashes: unknown[] = [];
  const closes: CloseReason[] = [];
  const host: ConnectionHost = {
    clock,
    pool,
    wheel,
    turn: new TurnQueue((run) => void clock.schedule(0, run)),
    windows: { outboundBytes: 1000, outboundLowBytes: 250, coalesceBytes: 100, ...options.windows },
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    throttles: { ...noThrottles, ...options.throttles },
    observer: {
      onStep: (_connection, from, to, event) => void steps.push(from === to ? event : `${event} → ${to.label}`),
      onCrash: (_connection, error) => void crashes.push(error),
      onClosed: (connection, reason) => {
        closes.push(reason);
        connection.pool.destroy();
      },
    },
  };
  const endpoint = new ScriptedEndpoint();
  if (options.handshaking === true) endpoint.secureSession = null;
  const session = options.session(pool);
  const connection = new Connection(endpoint, host, session);
  connection.start(options.leftover ?? null);
  return {
    clock,
    pool,
    wheel,
    driver,
    host,
    endpoint,
    session,
    connection,
    steps,
    crashes,
    closes,
    /** The end of this turn of the event loop. */
    turn: () => clock.advanceBy(0),
  };
}
