// A connection that a spec makes with a connector: to a WebSocket at a path of a gateway, over any transport and in anybody's time, with
// a log of what it tried and what came of it.

import { createHash, randomBytes } from 'node:crypto';
import { Pool } from '@sluice/brigade';
import {
  Connector,
  TurnQueue,
  WebSocketClientSession,
  defaultTimeouts,
  defaultWindows,
  noThrottles,
  type ConnectorTimeouts,
} from '@sluice/connection';
import type { EventLoopShape } from '@sluice/supervision';
import { TimingWheel, WheelDriver } from '@sluice/timing';
import { TransportError, type PeerAddress, type Resolver, type Transport } from '@sluice/transport';

export interface OutboundOptions {
  readonly transport: Transport;
  readonly resolver: Resolver;
  readonly target: PeerAddress;
  /** Default: one of its own, in real time. */
  readonly loop?: Pick<EventLoopShape, 'clock' | 'wheel' | 'turn'>;
  readonly timeouts?: Partial<ConnectorTimeouts>;
  readonly path?: string;
}

export interface Outbound {
  readonly connector: Connector;
  /** `try ADDRESS`, `failed STAGE KIND`, `connected ADDRESS`. */
  readonly log: string[];
  /** Ends it, and gives everything back. */
  stop(): void;
}

export function connectOut({ transport, resolver, target, loop = realTime(), timeouts = {}, path = '/topics/news' }: OutboundOptions): Outbound {
  const log: string[] = [];
  const pool = new Pool('outbound');
  const connector = new Connector({
    target,
    transport,
    resolver,
    timeouts,
    random: () => 0.5,
    host: {
      ...loop,
      pool,
      windows: defaultWindows,
      timeouts: defaultTimeouts,
      throttles: noThrottles,
      observer: {
        onStep() {},
        onCrash(_connection, error) {
          throw error;
        },
        onClosed: (connection) => connection.pool.destroy(),
      },
    },
    makeSession: ({ pool: own }) =>
      new WebSocketClientSession(
        {
          pool: own,
          authority: `localhost:${target.port}`,
          target: path,
          sha1: (bytes) => createHash('sha1').update(bytes).digest(),
          nonce: randomBytes(16),
          maskKey: () => randomBytes(4).readUInt32LE(),
          liveness: { pingIntervalMs: 0, idleTimeoutMs: 0 },
        },
        { onOpen() {}, onMessage: () => true, onWritable() {}, onClose() {} },
      ),
    observer: {
      onAttempt: (_connector, { host }) => void log.push(`try ${host}`),
      onConnected: (_connector, { endpoint }) => void log.push(`connected ${endpoint.peer.host}`),
      onFailure: (_connector, { stage, cause, reason }) => void log.push(`failed ${stage} ${cause instanceof TransportError ? cause.kind : reason}`),
    },
  });
  connector.start();
  return {
    connector,
    log,
    stop: () => {
      connector.abort();
      pool.destroy();
    },
  };
}

function realTime(): Pick<EventLoopShape, 'clock' | 'wheel' | 'turn'> {
  const clock = { now: () => performance.now() };
  const wheel = new TimingWheel({ startMs: clock.now(), tickMs: 1 });
  const driver = new WheelDriver<NodeJS.Timeout>(wheel, clock, {
    schedule: (delayMs, callback) => setTimeout(callback, delayMs),
    cancel: (timer) => clearTimeout(timer),
    unref: (timer) => void timer.unref(),
  });
  driver.unref();
  return { clock, wheel, turn: new TurnQueue((run) => void setImmediate(run)) };
}
