// Topics over HTTP: publish, history, presence, WebSocket and event stream, told apart by method and headers.

import type { HttpExchange, Liveness } from '@sluice/connection';
import {
  assertPattern,
  assertTopic,
  hasWildcard,
  isHubPosition,
  parsePosition,
  type Hub,
  type Position,
  type TopicLimits,
} from '@sluice/hub';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { Access } from '../http/auth.ts';
import { acceptsEventStream } from '../http/accepts-event-stream.ts';
import { CollectedBody } from '../http/body.ts';
import { eventStreamFields } from '../http/event-stream-fields.ts';
import { replyJson, replyMethodNotAllowed, replyProblem } from '../http/reply.ts';
import type { Encodings, EventSlots } from './encodings.ts';
import { EventStreamSession } from './event-stream.ts';
import { defaultHistoryPage, defaultPresencePage, historyDocument, maxPage, pageSize } from './history-page.ts';
import { payloadKind } from './payload-kind.ts';
import { replyRefusal } from './refusal.ts';
import type { Start } from './start.ts';
import { tagsOf } from './tags.ts';
import type { TopicPath } from './topic-path.ts';
import { TopicSocket, envelopeProtocol } from './topic-socket.ts';
import { keepRequestFacts } from '../inspection/connection-facts.ts';
import { hasUpgrade, lostUpgrade } from '../sockets/lost-upgrade.ts';
import type { SocketUpgrades } from '../sockets/upgrades.ts';

export interface TopicRoutesOptions {
  readonly hub: Hub;
  readonly encodings: Encodings;
  readonly traffic: TrafficCounters;
  readonly upgrades: SocketUpgrades;
  readonly liveness: Liveness;
  /** Of topics' names. */
  readonly limits: TopicLimits;
  /** Payload bytes of one page of history; one publication may be larger. */
  readonly historyPageBytes: number;
  readonly maxTags: number;
  readonly retryHint: () => number;
  /** Ends an event stream's line in the access log. */
  readonly onStreamEnd: (exchange: HttpExchange) => void;
}

/** nginx would gather events in a buffer. */
const eventStreamHeaders = [...eventStreamFields, 'X-Accel-Buffering', 'no'];

export class TopicRoutes {
  readonly #options: TopicRoutesOptions;

  constructor(options: TopicRoutesOptions) {
    this.#options = options;
  }

  /** `access` is what the request's token allows; publishing has been checked for POST. */
  handle(exchange: HttpExchange, path: TopicPath, query: URLSearchParams, access: Access): void {
    try {
      this.#dispatch(exchange, path, query, access);
    } catch (error) {
      replyRefusal(exchange, error);
    }
  }

  #dispatch(exchange: HttpExchange, path: TopicPath, query: URLSearchParams, access: Access): void {
    const { method, head } = exchange;
    const lost = path.resource === 'topic' ? lostUpgrade(exchange) : null;
    if (path.resource === 'presence') {
      if (method === 'GET' || method === 'HEAD') this.#presence(exchange, path.topic, query);
      else replyMethodNotAllowed(exchange, 'GET, HEAD');
    } else if (method === 'POST') {
      this.#publish(exchange, path.topic);
    } else if (method !== 'GET' && method !== 'HEAD') {
      replyMethodNotAllowed(exchange, 'GET, HEAD, POST');
    } else if (lost !== null) {
      replyProblem(exchange, lost);
    } else if (method === 'GET' && hasUpgrade(head)) {
      this.#openSocket(exchange, path.topic, query, access);
    } else if (acceptsEventStream(head.get('accept'))) {
      this.#openStream(exchange, path.topic, query);
    } else {
      this.#history(exchange, path.topic, query);
    }
  }

  #publish(exchange: HttpExchange, topic: string): void {
    const { hub, traffic, limits } = this.#options;
    assertTopic(topic, limits);
    const type = exchange.head.get('content-type');
    exchange.body = new CollectedBody((bytes, start, end) => {
      traffic.messagesIn++;
      try {
        const { offset, epoch } = hub.publish(topic, bytes, start, end, payloadKind(type, bytes, start, end));
        replyJson(exchange, { offset, epoch });
      } catch (error) {
        replyRefusal(exchange, error);
      }
    });
  }

  #history(exchange: HttpExchange, topic: string, query: URLSearchParams): void {
    const { hub, limits, historyPageBytes } = this.#options;
    assertTopic(topic, limits);
    const since = this.#since(exchange, query.get('since'), topic);
    if (since === null) return;
    const limit = pageSize(query.get('limit'), defaultHistoryPage);
    if (limit === null) {
      replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxPage}.` });
      return;
    }
    const asked = since === undefined ? { limit } : { since, limit };
    replyJson(exchange, historyDocument(hub, topic, asked, historyPageBytes), ['Cache-Control', 'no-store']);
  }

  #presence(exchange: HttpExchange, topic: string, query: URLSearchParams): void {
    assertTopic(topic, this.#options.limits);
    const limit = pageSize(query.get('limit'), defaultPresencePage);
    if (limit === null) {
      replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxPage}.` });
      return;
    }
    replyJson(exchange, this.#options.hub.presence(topic, limit), ['Cache-Control', 'no-store']);
  }

  #openSocket(exchange: HttpExchange, pattern: string, query: URLSearchParams, access: Access): void {
    const { hub, encodings, traffic, upgrades, limits, maxTags } = this.#options;
    assertPattern(pattern, limits);
    const tags = tagsOf(query, maxTags);
    const start = this.#start(exchange, query.get('since'), query, pattern);
    if (start === null) return;
    const mode = query.get('mode');
    if (mode !== null && mode !== 'read') {
      replyProblem(exchange, { status: 400, detail: 'The only mode of a WebSocket is read: it then receives, and may not publish.' });
      return;
    }
    const isReadOnly = mode === 'read' || !access.canPublish;
    upgrades.accept(exchange, (subprotocol) => {
      const envelopes = subprotocol === envelopeProtocol;
      const publishes = !hasWildcard(pattern);
      return new TopicSocket({ hub, encodings, traffic, pattern, publishes, isReadOnly, start, tags, envelopes });
    });
  }

  #openStream(exchange: HttpExchange, pattern: string, query: URLSearchParams): void {
    const { hub, encodings, traffic, liveness, limits, maxTags, retryHint, onStreamEnd } = this.#options;
    assertPattern(pattern, limits);
    const tags = tagsOf(query, maxTags);
    // A browser that reconnects sends the id of its last event, and the URL it began with.
    const start = this.#start(exchange, exchange.head.get('last-event-id') ?? query.get('since'), query, pattern);
    if (start === null) return;
    const format = query.get('format');
    if (format !== null && format !== envelopeProtocol) {
      replyProblem(exchange, { status: 400, detail: `The only format of an event stream is ${envelopeProtocol}; without format the data is the payload.` });
      return;
    }
    const chunked = exchange.head.minorVersion >= 1;
    exchange.begin(200, eventStreamHeaders);
    if (exchange.method === 'HEAD') {
      exchange.end();
      return;
    }
    keepRequestFacts(exchange);
    exchange.takeOver(
      (http) =>
        new EventStreamSession(http, {
          hub,
          slots: eventSlots(encodings, hasWildcard(pattern), format !== null),
          traffic,
          pattern,
          start,
          tags,
          chunked,
          liveness,
          retryHint,
          onEnd: (bytesOut) => {
            exchange.bytesOut = bytesOut;
            onStreamEnd(exchange);
          },
        }),
    );
  }

  /** Where a subscription is to begin; null when the request was refused. */
  #start(exchange: HttpExchange, since: string | null, query: URLSearchParams, pattern: string): Start | null {
    const position = this.#since(exchange, since, pattern);
    if (position === null) return null;
    const history = pageSize(query.get('history'), 0);
    if (history !== null) return { since: position, history };
    replyProblem(exchange, { status: 400, detail: `history is a whole number from 1 to ${maxPage}.` });
    return null;
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

function eventSlots(encodings: Encodings, isMany: boolean, inEnvelopes: boolean): EventSlots {
  if (inEnvelopes) return isMany ? encodings.hubEnvelopeEvent : encodings.envelopeEvent;
  return isMany ? encodings.hubEvent : encodings.event;
}
