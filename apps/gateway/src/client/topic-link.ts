// One topic of one gateway, over either protocol: a connector, and a session for each of its connections.

import { createHash } from 'node:crypto';
import { Pool } from '@sluice/brigade';
import {
  CommandClientSession,
  Connector,
  WebSocketClientSession,
  defaultTimeouts,
  defaultWindows,
  noThrottles,
  type CommandClientHandler,
  type ConnectorObserver,
  type OutboundContext,
  type OutboundSession,
  type WebSocketHandler,
} from '@sluice/connection';
import { secureTransport, TlsClientContexts, type TlsClientOptions } from '@sluice/transport-tls';
import type { ClientUrl } from './client-url.ts';
import { maskKeys, type ClientRuntime } from './runtime.ts';

/** Both are told of one protocol's connections: the URL decides whose. */
export interface LinkSessions {
  webSocket(context: OutboundContext): OutboundSession;
  command(context: OutboundContext): OutboundSession;
}

export interface LinkOptions {
  readonly runtime: ClientRuntime;
  readonly url: ClientUrl;
  readonly tls: TlsClientOptions;
  readonly token: string | null;
  readonly topic: string;
  /** Failed rounds in a row before it gives up; 0 for never. */
  readonly retries: number;
}

/** Silence after which a gateway is asked for a sign of life, and twice that after which it is taken for gone. */
const probeIntervalMs = 20_000;
/** How long a goodbye may take. */
const closeTimeoutMs = 3000;

export function linkConnector({ runtime, url, tls, retries }: LinkOptions, sessions: LinkSessions, observer: ConnectorObserver): Connector {
  const { clock, wheel, turn, resolver } = runtime;
  const pool = new Pool('client');
  const transport = url.secure ? secureTransport(runtime.transport, { client: new TlsClientContexts(tls), pool }) : runtime.transport;
  return new Connector({
    target: { host: url.host, port: url.port },
    transport,
    resolver,
    host: {
      clock,
      wheel,
      turn,
      pool,
      windows: defaultWindows,
      timeouts: { ...defaultTimeouts, closeTimeoutMs },
      throttles: noThrottles,
      observer: {
        onStep() {},
        // The connection closes for it, and its failure carries it.
        onCrash() {},
        onClosed: (connection) => connection.pool.destroy(),
      },
    },
    makeSession: (context) => (url.protocol === 'websocket' ? sessions.webSocket(context) : sessions.command(context)),
    random: () => runtime.random(),
    backoff: { maxFailedRounds: retries },
    observer,
  });
}

/** A session on the topic's WebSocket; `query` is what follows the `?`. */
export function webSocketLink(
  { runtime, url, token, topic }: LinkOptions,
  { pool }: OutboundContext,
  { query = '', protocols = [] }: { readonly query?: string; readonly protocols?: readonly string[] },
  handler: WebSocketHandler,
): WebSocketClientSession {
  return new WebSocketClientSession(
    {
      pool,
      authority: url.authority,
      target: `/topics/${encodeURIComponent(topic)}${query === '' ? '' : `?${query}`}`,
      sha1: (bytes) => createHash('sha1').update(bytes).digest(),
      nonce: runtime.randomBytes(16),
      maskKey: maskKeys(runtime),
      protocols,
      fields: token === null ? [] : ['Authorization', `Bearer ${token}`],
      // An envelope is up to twice its payload, and a gateway's largest message is its operator's choice.
      limits: { maxMessageBytes: 64 * 1024 * 1024 },
      liveness: { pingIntervalMs: probeIntervalMs, idleTimeoutMs: 2 * probeIntervalMs },
    },
    handler,
  );
}

export function commandLink({ pool }: OutboundContext, handler: CommandClientHandler): CommandClientSession {
  return new CommandClientSession({ pool, idleTimeoutMs: probeIntervalMs }, handler);
}
