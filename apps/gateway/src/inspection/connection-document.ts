// `/inspection/connections/{id}`: everything that is known of one connection, made when asked for.

import type { Connection } from '@sluice/connection';
import { describeConnection, type ConnectionDescription } from '@sluice/inspection';
import { clientOf, viaOf } from '../client-address/request-client.ts';
import { possibleActions, type ActionName } from './actions.ts';
import type { ByteRates } from './byte-rates.ts';
import { nameOf, requestFactsOf, subscribedOf, type RequestFacts } from './connection-facts.ts';

/** `tags` are those of its state in the chart, `clientTags` those that its client has in the hub. */
export interface ConnectionDocument extends ConnectionDescription {
  readonly id: number;
  readonly chart: 'connection';
  /** The proxy between the client (`peer`) and the gateway. */
  readonly via?: string;
  readonly topics: readonly string[];
  readonly clientTags: readonly string[];
  readonly name: string | null;
  /** What it began with; null for plain HTTP and commands. */
  readonly request: RequestFacts | null;
  readonly rateInBytesPerSecond: number;
  readonly rateOutBytesPerSecond: number;
  /** Whose child it is: a listener, as the tree has it. */
  readonly listener: string;
  /** An operator holds the peer up. */
  readonly isQuenched: boolean;
  /** What can be done now. */
  readonly actions: readonly ActionName[];
  /** Wall-clock time, ms since 1970. */
  readonly atMs: number;
}

export function connectionDocument(connection: Connection, listener: string, rates: ByteRates, nowMs: number, atMs: number): ConnectionDocument {
  const { topics, tags } = subscribedOf(connection);
  const { host, port } = clientOf(connection);
  const via = viaOf(connection);
  rates.refresh(nowMs);
  const { inBytesPerSecond, outBytesPerSecond } = rates.of(connection, nowMs);
  return {
    id: connection.id,
    chart: 'connection',
    ...describeConnection(connection),
    peer: { host, port },
    ...(via !== null && { via }),
    topics,
    clientTags: tags,
    name: nameOf(connection),
    request: requestFactsOf(connection),
    rateInBytesPerSecond: inBytesPerSecond,
    rateOutBytesPerSecond: outBytesPerSecond,
    listener,
    isQuenched: connection.isQuenched,
    actions: possibleActions(connection),
    atMs,
  };
}
