// Topics over HTTP: publish, history, presence, WebSocket and event stream, told apart by method and headers.

import { isUtf8 } from 'node:buffer';
import { WebSocketSession, type HttpExchange, type Liveness } from '@sluice/connection';
import { HubError, assertPattern, assertTopic, hasWildcard, isHubPosition, parsePosition, type Hub, type Position, type Publication } from '@sluice/hub';
import type { TrafficCounters } from '../admin/traffic.ts';
import { CollectedBody } from '../http/body.ts';
import { replyJson, replyMethodNotAllowed, replyProblem } from '../http/reply.ts';
import { describe, type Encodings } from './encodings.ts';
import { EventStreamSession } from './event-stream.ts';
import type { TopicPath } from './topic-path.ts';
import { TopicSocket, envelopeProtocol } from './topic-socket.ts';
import type { SocketUpgrades } from '../sockets/upgrades.ts';

export interface TopicRoutesOptions {
  readonly hub: Hub;
  readonly encodings: Encodings;
  readonly traffic: TrafficCounters;
  readonly upgrades: SocketUpgrades;
  readonly liveness: Liveness;
  readonly retryHintMs: number;
  /** Ends an event stream's line in the access log. */
  readonly onStreamEnd: (exchange: HttpExchange) => void;
}

const eventStreamHeaders = [
  'Content-Type',
  'text/event-stream',
  'Cache-Control',
  'no-store',
  'X-Accel-Buffering',
  'no',
];
const defaultHistoryPage = 100;
const maxHistoryPage = 10_000;
/** Payload bytes of one page of history; one publication may be larger. */
const maxHistoryPageBytes = 4 * 1024 * 1024;
const defaultPresencePage = 1000;

export class TopicRoutes {
  readonly #options: TopicRoutesOptions;

  constructor(options: TopicRoutesOptions) {
    this.#options = options;
  }

  handle(exchange: HttpExchange, path: TopicPath, query: URLSearchParams): void {
    try {
      this.#dispatch(exchange, path, query);
    } catch (error) {
      replyRefusal(exchange, error);
    }
  }

  #dispatch(exchange: HttpExchange, path: TopicPath, query: URLSearchParams): void {
    const { method, head } = exchange;
    if (path.resource === 'presence') {
      if (method === 'GET' || method === 'HEAD') this.#presence(exchange, path.topic, query);
      else replyMethodNotAllowed(exchange, 'GET, HEAD');
    } else if (method === 'POST') {
      this.#publish(exchange, path.topic);
    } else if (method !== 'GET' && method !== 'HEAD') {
      replyMethodNotAllowed(exchange, 'GET, HEAD, POST');
    } else if (method === 'GET' && head.upgrade.some((protocol) => protocol.toLowerCase() === 'websocket')) {
      this.#openSocket(exchange, path.topic, query);
    } else if (acceptsEventStream(head.get('accept'))) {
      this.#openStream(exchange, path.topic, query);
    } else {
      this.#history(exchange, path.topic, query);
    }
  }

  #publish(exchange: HttpExchange, topic: string): void {
    assertTopic(topic);
    const { hub, traffic } = this.#options;
    const type = exchange.head.get('content-type') ?? '';
    exchange.body = new CollectedBody((bytes, start, end) => {
      const binary = /^application\/octet-stream\s*(?:;|$)/i.test(type) || !isUtf8(bytes);
      traffic.messagesIn++;
      try {
        const { offset, epoch } = hub.publish(topic, bytes, start, end, binary ? 'binary' : 'text');
        replyJson(exchange, { offset, epoch });
      } catch (error) {
        replyRefusal(exchange, error);
      }
    });
  }

  #history(exchange: HttpExchange, topic: string, query: URLSearchParams): void {
    assertTopic(topic);
    const since = this.#since(exchange, query.get('since'), topic);
    if (since === null) return;
    const limit = wholeNumber(query.get('limit'), defaultHistoryPage, maxHistoryPage);
    if (limit === null) {
      replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxHistoryPage}.` });
      return;
    }
    const { publications, ...state } = this.#options.hub.history(topic, since === undefined ? { limit } : { since, limit });
    const page = since === undefined ? newestWithin(publications, maxHistoryPageBytes) : oldestWithin(publications, maxHistoryPageBytes);
    replyJson(exchange, { topic, ...state, publications: page.map(describe) }, ['Cache-Control', 'no-store']);
  }

  #presence(exchange: HttpExchange, topic: string, query: URLSearchParams): void {
    assertTopic(topic);
    const limit = wholeNumber(query.get('limit'), defaultPresencePage, maxHistoryPage);
    if (limit === null) {
      replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxHistoryPage}.` });
      return;
    }
    replyJson(exchange, this.#options.hub.presence(topic, limit), ['Cache-Control', 'no-store']);
  }

  #openSocket(exchange: HttpExchange, pattern: string, query: URLSearchParams): void {
    assertPattern(pattern);
    const since = this.#since(exchange, query.get('since'), pattern);
    if (since === null) return;
    const { hub, encodings, traffic, upgrades, liveness } = this.#options;
    upgrades.accept(exchange, (engine, subprotocol) => {
      const envelopes = subprotocol === envelopeProtocol;
      const publishes = !hasWildcard(pattern);
      const socket = new TopicSocket({ hub, encodings, traffic, pattern, publishes, since, envelopes });
      return new WebSocketSession(engine, socket, liveness);
    });
  }

  #openStream(exchange: HttpExchange, pattern: string, query: URLSearchParams): void {
    assertPattern(pattern);
    const since = this.#since(exchange, exchange.head.get('last-event-id') ?? query.get('since'), pattern);
    if (since === null) return;
    const { hub, encodings, traffic, liveness, retryHintMs, onStreamEnd } = this.#options;
    const chunked = exchange.head.minorVersion >= 1;
    exchange.begin(200, eventStreamHeaders);
    if (exchange.method === 'HEAD') {
      exchange.end();
      return;
    }
    exchange.takeOver(
      (http) =>
        new EventStreamSession(http, {
          hub,
          slots: hasWildcard(pattern) ? encodings.hubEvent : encodings.event,
          traffic,
          pattern,
          since,
          chunked,
          liveness,
          retryHintMs,
          onEnd: (bytesOut) => {
            exchange.bytesOut = bytesOut;
            onStreamEnd(exchange);
          },
        }),
    );
  }

  /** The position a request names; undefined without one, null when it was refused. */
  #since(exchange: HttpExchange, text: string | null, pattern: string): Position | undefined | null {
    if (text === null || text === '') return undefined;
    const position = parsePosition(text);
    let problem = '';
    if (position === null) problem = 'A position is EPOCH:OFFSET, as in the id of an event.';
    else if (hasWildcard(pattern) && !isHubPosition(position)) problem = `${position.epoch} counts one topic, and ${pattern} may be many.`;
    if (problem === '') return position;
    replyProblem(exchange, { status: 400, detail: problem });
    return null;
  }
}

/** Answers what the hub refused because of the request; anything else is not the client's fault and goes on. */
function replyRefusal(exchange: HttpExchange, error: unknown): void {
  if (!(error instanceof HubError) || error.fault !== 'peer') throw error;
  const { status, code, detail } = error;
  replyProblem(exchange, { status, detail: `${detail[0]!.toUpperCase()}${detail.slice(1)}.`, more: { code } });
}

/** Whether the client names event streams, as EventSource does; a wildcard is not enough. */
function acceptsEventStream(accept: string | null): boolean {
  return accept !== null && /(?:^|,)\s*text\/event-stream\s*(?:;(?!\s*q=0(?:\.0*)?\s*(?:,|$))[^,]*)?(?:,|$)/i.test(accept);
}

/** As many as fit, from the first on, and at least one. */
function oldestWithin(publications: readonly Publication[], maxBytes: number): readonly Publication[] {
  let end = 0;
  for (let bytes = 0; end < publications.length; end++) {
    bytes += publications[end]!.payload.length;
    if (bytes > maxBytes && end > 0) break;
  }
  return publications.slice(0, end);
}

/** As many as fit, up to the last, and at least one. */
function newestWithin(publications: readonly Publication[], maxBytes: number): readonly Publication[] {
  let start = publications.length;
  for (let bytes = 0; start > 0; start--) {
    bytes += publications[start - 1]!.payload.length;
    if (bytes > maxBytes && start < publications.length) break;
  }
  return publications.slice(start);
}

function wholeNumber(text: string | null, fallback: number, max: number): number | null {
  if (text === null) return fallback;
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  return value >= 1 && value <= max ? value : null;
}
