// What the gateway knows of a connection that the connection itself does not: topics, tags, the name its peer goes by, the request it began with.

import { CommandSession, WebSocketSession, type Connection, type HttpExchange } from '@sluice/connection';
import type { PeerAddress } from '@sluice/transport';
import { RequestClient, clientOf, requestClientOf, type HasClient } from '../client-address/request-client.ts';
import { CommandConnection } from '../command/command-connection.ts';
import { withoutToken } from '../log/access-log.ts';
import { innerHandler } from '../limits/rated-handler.ts';
import { EventStreamSession } from '../topics/event-stream.ts';
import { TopicSocket } from '../topics/topic-socket.ts';

interface Subscribed {
  readonly topics: readonly string[];
  readonly tags: readonly string[];
}

const nothing: Subscribed = { topics: [], tags: [] };

/** Topics or patterns it is subscribed to, and its tags. Event streams carry theirs; sockets and command connections are behind their sessions. */
export function subscribedOf({ session }: Connection): Subscribed {
  if (session instanceof EventStreamSession) return session;
  if (session instanceof CommandSession) return session.handler instanceof CommandConnection ? session.handler : nothing;
  if (!(session instanceof WebSocketSession)) return nothing;
  const handler = innerHandler(session.handler);
  return handler instanceof TopicSocket ? handler : nothing;
}

/** What the peer goes by, by its certificate's thumbprint; null for a peer without a name. */
export function nameOf({ session }: Connection): string | null {
  return session instanceof CommandSession ? session.peerName : null;
}

/** `host:port`, the host of IPv6 in brackets. */
export function addressText({ host, port }: PeerAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The client's address as it is shown; without a port where a proxy does not tell it. */
export function peerOf(connection: Connection): string {
  const client = clientOf(connection);
  return client instanceof RequestClient && client.port === 0 ? client.host : addressText(client);
}

/** Of the request that a socket or an event stream began with. */
export class RequestFacts {
  readonly uri: string;
  readonly userAgent: string | null;
  readonly origin: string | null;

  constructor(uri: string, userAgent: string | null, origin: string | null) {
    this.uri = uri;
    this.userAgent = userAgent;
    this.origin = origin;
  }
}

/** Of a request that came through a trusted proxy. */
class ProxiedRequestFacts extends RequestFacts implements HasClient {
  readonly client: RequestClient;

  constructor({ uri, userAgent, origin }: RequestFacts, client: RequestClient) {
    super(uri, userAgent, origin);
    this.client = client;
  }
}

/** Longer texts are cut. */
const longestFact = 512;
/** So many different ones are shared at a time: clients of one kind that want one topic cost a reference each. */
const mostShared = 1024;
const shared = new Map<string, RequestFacts>();

/** Keeps what is worth knowing of the request with its connection, for as long as that lives. Query values that are secrets are masked. */
export function keepRequestFacts(exchange: HttpExchange): void {
  const { head, target, session } = exchange;
  const uri = cut(withoutToken(target));
  const userAgent = cut(head.get('user-agent'));
  const origin = cut(head.get('origin'));
  const key = `${uri}\n${userAgent}\n${origin}`;
  let facts = shared.get(key);
  if (facts === undefined) {
    facts = new RequestFacts(uri, userAgent, origin);
    if (shared.size >= mostShared) shared.clear();
    shared.set(key, facts);
  }
  const client = requestClientOf(exchange);
  session.connection.userData = client === null ? facts : new ProxiedRequestFacts(facts, kept(client));
}

/** Without a reference to the text of the field. */
function kept({ host, port, via, proto }: RequestClient): RequestClient {
  return new RequestClient({ host: copyOf(host), port }, via, proto === null ? null : copyOf(proto));
}

/** A text of a request's head, a character a byte. What is kept is a copy: V8's slice would keep the whole for as long. */
function cut<Text extends string | null>(text: Text): Text | string {
  return text === null || text.length <= longestFact ? text : copyOf(text.slice(0, longestFact));
}

function copyOf(text: string): string {
  return Buffer.from(text, 'latin1').toString('latin1');
}

export function requestFactsOf({ userData }: Connection): RequestFacts | null {
  return userData instanceof RequestFacts ? userData : null;
}
