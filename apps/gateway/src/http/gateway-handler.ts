// What the gateway's HTTP listeners do with requests: who may ask, where it goes, and one line in the access log.
//
// With tokens configured, topics, tags and the sockets of the demo need one: a mirror publishes, and the others cost the gateway work. Files,
// the demo page among them, need none: a browser could not load a page that it has no token for yet.

import type { HttpExchange, HttpHandler, RefusedRequest } from '@sluice/connection';
import { isKnownMethod, type FieldList } from '@sluice/http1';
import type { Hub } from '@sluice/hub';
import type { TrafficCounters } from '../admin/traffic.ts';
import { clientHostOf, isSecureRequest } from '../client-address/request-client.ts';
import type { PeerRates } from '../limits/peer-rates.ts';
import type { AccessLog } from '../log/access-log.ts';
import type { TopicRoutes } from '../topics/topic-routes.ts';
import { parseTagPath, sendToTag } from '../topics/tags.ts';
import { replyTopicList } from '../topics/topic-list.ts';
import { parseTopicPath } from '../topics/topic-path.ts';
import type { Access, TokenCheck } from './auth.ts';
import type { Credentials } from './credentials.ts';
import type { OriginPolicy } from './origin.ts';
import { problemDocument, problemType, type Problem } from './problem.ts';
import { replyMethodUnknown, replyOptions, replyProblem } from './reply.ts';

/** Answers requests for the paths it was registered for. */
export type Route = (exchange: HttpExchange, path: string, query: URLSearchParams) => void;

export interface GatewayHandlerOptions {
  readonly topics: TopicRoutes;
  readonly hub: Hub;
  readonly traffic: TrafficCounters;
  readonly rates: PeerRates;
  readonly tokens: TokenCheck;
  readonly credentials: Credentials;
  readonly origins: OriginPolicy;
  /** Sockets of the demo, by whole path: `/echo`. They need the right to publish. */
  readonly routes: ReadonlyMap<string, Route>;
  /** Everything else. */
  readonly fallback: Route;
  readonly accessLog: AccessLog;
}

const noQuery = new URLSearchParams();
const allowCookies = ['Access-Control-Allow-Credentials', 'true'];
const corsMethods = ['Access-Control-Allow-Methods', 'GET, HEAD, POST'];
/** What pages set: for tokens and bodies, in place of EventSource (`Last-Event-ID`, `Cache-Control`), and to read files in part or conditionally. */
const allowedFields = [
  'Authorization',
  'Cache-Control',
  'Content-Type',
  'If-Match',
  'If-Modified-Since',
  'If-None-Match',
  'If-Range',
  'If-Unmodified-Since',
  'Last-Event-ID',
  'Pragma',
  'Range',
  'X-Requested-With',
].join(', ');
const corsHeaders = ['Access-Control-Allow-Headers', allowedFields];

// RFC 6750 section 3.1: a request without a token gets no error code.
const tokenMissing: Problem = {
  status: 401,
  detail: 'Topics and tags of this gateway need a bearer token.',
  headers: ['WWW-Authenticate', 'Bearer'],
};
const demoTokenMissing: Problem = { ...tokenMissing, detail: 'The demo sockets of this gateway need a bearer token.' };
const tokenUnknown: Problem = {
  status: 401,
  detail: 'This gateway does not know the bearer token of the request.',
  headers: ['WWW-Authenticate', 'Bearer error="invalid_token"'],
};
const insufficientScope: Problem = {
  status: 403,
  detail: 'The token of the request may subscribe and read, and not publish.',
  headers: ['WWW-Authenticate', 'Bearer error="insufficient_scope"'],
};

export class GatewayHandler implements HttpHandler {
  readonly #options: GatewayHandlerOptions;

  constructor(options: GatewayHandlerOptions) {
    this.#options = options;
  }

  onRequest(exchange: HttpExchange): void {
    const { head } = exchange;
    const { routes, fallback } = this.#options;
    const origin = head.get('origin');
    if (origin !== null) {
      const isSecure = isSecureRequest(exchange);
      const fields = this.#corsFields(origin, head.authority, isSecure);
      if (fields === null) {
        replyProblem(exchange, { status: 403, detail: `Pages of ${origin} may not use this gateway. To let them, add ${JSON.stringify(origin)} to the setting origins.` });
        return;
      }
      exchange.extraHeaders = fields;
      if (exchange.method === 'OPTIONS' && head.has('access-control-request-method')) {
        exchange.begin(204, [...corsMethods, ...corsHeaders, 'Access-Control-Max-Age', '600']);
        exchange.end();
        return;
      }
    }
    const { path, query: queryText } = head;
    if (!isKnownMethod(exchange.method)) {
      replyMethodUnknown(exchange);
      return;
    }
    if (exchange.method === 'OPTIONS' && (path === '*' || routes.has(path))) {
      replyOptions(exchange, path === '*' ? 'GET, HEAD, POST' : 'GET');
      return;
    }
    const query = queryText === null ? noQuery : new URLSearchParams(queryText);
    if (path === '/topics' || path.startsWith('/topics/') || path.startsWith('/tags/')) this.#message(exchange, path, query);
    else {
      const route = routes.get(path);
      if (route === undefined) fallback(exchange, path, query);
      else if (this.#admit(exchange, query, true, demoTokenMissing) !== null) route(exchange, path, query);
    }
  }

  /** What the request may do. Null where that is not enough: it was refused. */
  #admit(exchange: HttpExchange, query: URLSearchParams, publishes: boolean, missing: Problem): Access | null {
    const { tokens, credentials } = this.#options;
    const token = tokens.isOpen ? null : credentials.tokenOf(exchange, query);
    const access = tokens.accessOf(token);
    if (access !== null && (access.canPublish || !publishes)) return access;
    replyProblem(exchange, access !== null ? insufficientScope : token === null ? missing : tokenUnknown);
    return null;
  }

  /** What lets pages of that origin read the reply (Fetch, CORS protocol); null where they may not. */
  #corsFields(origin: string, authority: string, isSecure: boolean): FieldList | null {
    const { origins, credentials } = this.#options;
    if (!origins.allows(origin, authority, isSecure)) return null;
    return ['Access-Control-Allow-Origin', origin, 'Vary', 'Origin', ...(credentials.acceptsCookieOf(origin, authority, isSecure) ? allowCookies : [])];
  }

  #message(exchange: HttpExchange, path: string, query: URLSearchParams): void {
    const { rates } = this.#options;
    const access = this.#admit(exchange, query, exchange.method === 'POST', tokenMissing);
    if (access === null) return;
    const waitSeconds = exchange.method === 'POST' ? rates.takeMessageOf(clientHostOf(exchange)) : 0;
    if (waitSeconds > 0) replyProblem(exchange, { status: 429, detail: rates.messageRefusal, headers: ['Retry-After', String(waitSeconds)] });
    else if (path.startsWith('/tags/')) this.#tag(exchange, path);
    else if (path === '/topics') replyTopicList(exchange, this.#options.hub, query);
    else this.#topic(exchange, path, query, access);
  }

  #topic(exchange: HttpExchange, path: string, query: URLSearchParams, access: Access): void {
    const topicPath = parseTopicPath(path);
    if (topicPath === null) replyProblem(exchange, { status: 404, detail: 'A topic is at /topics/{topic}, and the list of topics at /topics.' });
    else this.#options.topics.handle(exchange, topicPath, query, access);
  }

  #tag(exchange: HttpExchange, path: string): void {
    const { hub, traffic } = this.#options;
    const tag = parseTagPath(path);
    if (tag === null) replyProblem(exchange, { status: 404, detail: 'A tag is at /tags/{tag}.' });
    else sendToTag(exchange, tag, hub, traffic);
  }

  onReplied(exchange: HttpExchange, error: Error | null): void {
    this.#options.accessLog.request(exchange, error);
  }

  errorReply(status: number, detail: string, { origin, authority, isSecure }: RefusedRequest): { headers: FieldList; body: Uint8Array } {
    const cors = (origin === null ? null : this.#corsFields(origin, authority, isSecure)) ?? [];
    if (status !== 429) return { headers: ['Content-Type', problemType, ...cors], body: Buffer.from(problemDocument({ status, detail })) };
    // A connection that came too soon behind too many others of its address.
    const problem = { status, detail: this.#options.rates.connectionRefusal };
    return { headers: ['Content-Type', problemType, 'Retry-After', '1', ...cors], body: Buffer.from(problemDocument(problem)) };
  }
}
