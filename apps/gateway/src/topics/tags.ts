// Tags over HTTP. A client takes them when it subscribes: `GET /topics/{topic}?tag=a&tag=b`. `POST /tags/{tag}` sends its body to every
// socket and stream with that tag, and nobody else: no topic, no history.

import type { HttpExchange } from '@sluice/connection';
import { HubError, assertTag, type Hub } from '@sluice/hub';
import type { TrafficCounters } from '../admin/traffic.ts';
import { CollectedBody } from '../http/body.ts';
import { replyJson, replyMethodNotAllowed } from '../http/reply.ts';
import { payloadKind } from './payload-kind.ts';
import { replyRefusal } from './refusal.ts';

/** Null for a path that is not `/tags/{tag}`, or whose escapes are not UTF-8. */
export function parseTagPath(path: string): string | null {
  const match = /^\/tags\/([^/]+)$/.exec(path);
  if (match === null) return null;
  try {
    return decodeURIComponent(match[1]!);
  } catch {
    return null;
  }
}

/** The tags that a request wants, each once. Throws what is wrong with one of them, or with their number. */
export function tagsOf(query: URLSearchParams, maxTags: number): readonly string[] {
  const asked = query.getAll('tag');
  if (asked.length === 0) return asked;
  const tags = [...new Set(asked)];
  for (const tag of tags) assertTag(tag);
  if (tags.length > maxTags) throw new HubError('tooManyTags', `${maxTags} are allowed`);
  return tags;
}

/** Answers `{"receivers":…}`: how many carry the tag. Who is over its window gets what the hub has for slow subscribers. */
export function sendToTag(exchange: HttpExchange, tag: string, hub: Hub, traffic: TrafficCounters): void {
  if (exchange.method !== 'POST') {
    replyMethodNotAllowed(exchange, 'POST');
    return;
  }
  try {
    assertTag(tag);
  } catch (error) {
    replyRefusal(exchange, error);
    return;
  }
  const type = exchange.head.get('content-type');
  exchange.body = new CollectedBody((bytes, start, end) => {
    traffic.messagesIn++;
    try {
      const text = payloadKind(type, bytes, start, end) === 'text';
      const receivers = text ? hub.sendTextByTag(tag, bytes, start, end) : hub.sendBinaryByTag(tag, bytes, start, end);
      replyJson(exchange, { receivers });
    } catch (error) {
      replyRefusal(exchange, error);
    }
  });
}
