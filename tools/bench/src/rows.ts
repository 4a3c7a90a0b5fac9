// The rows of the table: what work, at which servers, and what the gateway is meant to reach.

import type { ServerName } from './servers/server.ts';

/** Work as a row states it; the bench adds ports and addresses and spreads it over processes. */
export type Work =
  | { readonly kind: 'echo'; readonly connections: number; readonly inFlight: number; readonly bytes: number }
  | { readonly kind: 'fanout'; readonly connections: number; readonly inFlight: number; readonly bytes: number }
  | { readonly kind: 'publish'; readonly connections: number; readonly bytes: number }
  | { readonly kind: 'static'; readonly connections: number; readonly bytes: number }
  | { readonly kind: 'events'; readonly connections: number; readonly bytes: number }
  | { readonly kind: 'idle'; readonly connections: number }
  /** Fan-out at one gateway, in turn with and without the inspector's page open. */
  | { readonly kind: 'watched'; readonly connections: number; readonly bytes: number };

/** The gateway's figure must be at most `max` times a peer's, times its own in another row, or `max` itself. */
export interface Goal {
  readonly against: { readonly server: ServerName } | { readonly row: string } | 'absolute';
  readonly max: number;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  /** CPU per delivered message or request, or resident bytes per connection. */
  readonly unit: 'µs' | 'bytes';
  readonly work: Work;
  /** Over TLS. */
  readonly secure?: boolean;
  /**
   * So many times the rounds of others, each with fresh servers: for ratios close to one. Two processes of one program differ by more than that, for
   * as long as they live.
   */
  readonly freshRounds?: number;
  readonly servers: readonly ServerName[];
  readonly goals: readonly Goal[];
}

const webSockets = ['gateway', 'ws', 'bun'] as const;
const files = ['gateway', 'node:http', 'bun', 'nginx'] as const;
const overWs = (max: number): Goal[] => [{ against: { server: 'ws' }, max }];

export const rows: readonly Row[] = [
  {
    name: 'echo-64',
    title: 'echo 64 B, 50 connections',
    unit: 'µs',
    work: { kind: 'echo', connections: 50, inFlight: 1, bytes: 64 },
    servers: webSockets,
    goals: overWs(0.85),
  },
  {
    name: 'echo-64-x16',
    title: 'echo 64 B, 16 in flight',
    unit: 'µs',
    work: { kind: 'echo', connections: 50, inFlight: 16, bytes: 64 },
    servers: webSockets,
    goals: overWs(0.15),
  },
  {
    name: 'echo-16k',
    title: 'echo 16 KiB, 50 connections',
    unit: 'µs',
    work: { kind: 'echo', connections: 50, inFlight: 1, bytes: 16_384 },
    servers: webSockets,
    goals: overWs(0.5),
  },
  {
    name: 'fanout-100',
    title: 'fan-out 64 B to 100',
    unit: 'µs',
    work: { kind: 'fanout', connections: 100, inFlight: 1, bytes: 64 },
    servers: webSockets,
    goals: [],
  },
  {
    name: 'fanout-1000',
    title: 'fan-out 64 B to 1,000',
    unit: 'µs',
    work: { kind: 'fanout', connections: 1000, inFlight: 1, bytes: 64 },
    servers: webSockets,
    goals: overWs(0.85),
  },
  {
    name: 'fanout-1000-x16',
    title: 'fan-out 64 B to 1,000, 16 in flight',
    unit: 'µs',
    work: { kind: 'fanout', connections: 1000, inFlight: 16, bytes: 64 },
    servers: webSockets,
    goals: overWs(0.1),
  },
  {
    name: 'fanout-15000',
    title: 'fan-out 64 B to 15,000',
    unit: 'µs',
    work: { kind: 'fanout', connections: 15_000, inFlight: 1, bytes: 64 },
    servers: ['gateway', 'ws'],
    goals: [{ against: { row: 'fanout-1000' }, max: 1.3 }],
  },
  {
    name: 'publish',
    title: 'publish by POST, 64 B',
    unit: 'µs',
    work: { kind: 'publish', connections: 50, bytes: 64 },
    servers: ['gateway', 'node:http', 'bun'],
    goals: [],
  },
  {
    name: 'sse-100',
    title: 'SSE fan-out 64 B to 100',
    unit: 'µs',
    work: { kind: 'events', connections: 100, bytes: 64 },
    servers: ['gateway', 'node:http'],
    goals: [],
  },
  {
    name: 'static-16k',
    title: 'static file of 16 KiB',
    unit: 'µs',
    work: { kind: 'static', connections: 50, bytes: 16_384 },
    servers: files,
    goals: [
      { against: { server: 'node:http' }, max: 0.15 },
      { against: { server: 'nginx' }, max: 1 },
    ],
  },
  {
    name: 'static-1m',
    title: 'static file of 1 MiB',
    unit: 'µs',
    work: { kind: 'static', connections: 20, bytes: 1_048_576 },
    servers: files,
    goals: [{ against: { server: 'nginx' }, max: 1 }],
  },
  {
    name: 'idle',
    title: 'RSS per idle WebSocket, 10,000',
    unit: 'bytes',
    work: { kind: 'idle', connections: 10_000 },
    servers: webSockets,
    goals: [{ against: 'absolute', max: 6000 }],
  },
  {
    name: 'tls-echo-64',
    title: 'TLS echo 64 B, 50 connections',
    unit: 'µs',
    work: { kind: 'echo', connections: 50, inFlight: 1, bytes: 64 },
    secure: true,
    servers: webSockets,
    goals: overWs(1),
  },
  {
    name: 'tls-fanout-1000',
    title: 'TLS fan-out 64 B to 1,000',
    unit: 'µs',
    work: { kind: 'fanout', connections: 1000, inFlight: 1, bytes: 64 },
    secure: true,
    servers: webSockets,
    goals: overWs(1),
  },
  {
    name: 'tls-idle',
    title: 'RSS per idle WebSocket over TLS, 12,000',
    unit: 'bytes',
    work: { kind: 'idle', connections: 12_000 },
    secure: true,
    servers: webSockets,
    goals: overWs(1),
  },
  {
    name: 'inspect-watched',
    title: 'fan-out 64 B to 12,000, inspector open',
    unit: 'µs',
    work: { kind: 'watched', connections: 12_000, bytes: 64 },
    servers: ['gateway', 'unwatched'],
    goals: [{ against: { server: 'unwatched' }, max: 1.03 }],
  },
  {
    name: 'inspect-unwatched',
    title: 'echo 64 B, nobody at the inspector',
    unit: 'µs',
    work: { kind: 'echo', connections: 50, inFlight: 1, bytes: 64 },
    freshRounds: 3,
    servers: ['gateway', 'uninspected'],
    goals: [{ against: { server: 'uninspected' }, max: 1.01 }],
  },
  {
    name: 'inspect-idle',
    title: 'RSS per idle WebSocket, flight recorder on',
    unit: 'bytes',
    work: { kind: 'idle', connections: 10_000 },
    servers: ['gateway', 'uninspected'],
    goals: [],
  },
];

/** The selected rows in table order, with the rows their goals compare to. */
export function selectRows(only: readonly string[]): Row[] {
  if (only.length === 0) return [...rows];
  const chosen = rows.filter(({ name }) => only.includes(name));
  const needed = chosen.flatMap(({ goals }) =>
    goals.flatMap(({ against }) => (typeof against === 'object' && 'row' in against ? [against.row] : [])),
  );
  return rows.filter((row) => chosen.includes(row) || needed.includes(row.name));
}
