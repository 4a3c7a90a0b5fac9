// `GET /topics`: the topics the gateway knows, page by page, in the order of their names.

import type { HttpExchange } from '@sluice/connection';
import type { Hub, TopicListQuery } from '@sluice/hub';
import { replyJson, replyMethodNotAllowed, replyProblem } from '../http/reply.ts';
import { defaultTopicPage, maxTopicPage, pageSize } from './history-page.ts';
import { replyRefusal } from './refusal.ts';

/** Answers a request for `/topics`. */
export function replyTopicList(exchange: HttpExchange, hub: Hub, query: URLSearchParams): void {
  const { method } = exchange;
  if (method !== 'GET' && method !== 'HEAD') {
    replyMethodNotAllowed(exchange, 'GET, HEAD', 'GET lists the topics. To publish, use POST /topics/{topic}');
    return;
  }
  const limit = pageSize(query.get('limit'), defaultTopicPage, maxTopicPage);
  if (limit === null) {
    replyProblem(exchange, { status: 400, detail: `limit is a whole number from 1 to ${maxTopicPage}.` });
    return;
  }
  try {
    replyJson(exchange, topicListDocument(hub, { limit, ...textsOf(query) }), ['Cache-Control', 'no-store']);
  } catch (error) {
    replyRefusal(exchange, error);
  }
}

function topicListDocument(hub: Hub, query: Partial<TopicListQuery>): object {
  const { topics, next } = hub.topics(query);
  return { topics: topics.map(({ lastTimeMs, ...topic }) => ({ ...topic, lastTime: Math.round(lastTimeMs) })), next };
}

function textsOf(query: URLSearchParams): Partial<TopicListQuery> {
  const texts: Partial<Record<'pattern' | 'prefix' | 'after', string>> = {};
  for (const name of ['pattern', 'prefix', 'after'] as const) {
    const text = query.get(name);
    if (text !== null && text !== '') texts[name] = text;
  }
  return texts;
}
