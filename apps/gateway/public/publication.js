// Publications as the page shows them, and the three requests that are no subscription: publish, history, presence.

import { authorization } from './access.js';
import { topicPath } from './topic.js';

const encoder = new TextEncoder();

export function byteLengthOf(text) {
  return encoder.encode(text).byteLength;
}

/**
 * A publication of the server's, as a message of a channel: its text, or its bytes in base64, and how many payload bytes
 * these are. `time` is in milliseconds since 1970, where the server says it.
 */
export function publication({ epoch, offset, data, base64, time }, past = false) {
  const binary = base64 !== undefined;
  const text = binary ? base64 : data;
  const byteLength = binary ? atob(base64).length : byteLengthOf(data);
  return { epoch, offset, text, byteLength, binary, timeMs: time ?? Date.now(), past };
}

/** Publishes a text by POST; resolves with its offset, rejects with what kept it from being published. */
export async function publish(topic, text) {
  const response = await fetch(topicPath(topic), {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8', ...authorization() },
    body: text,
  });
  return (await answer(response)).offset;
}

/** The last publications of a topic, oldest first, and where the topic stands: {epoch, offset, messages}. The epoch of an unknown topic is ''. */
export async function readHistory(topic, limit, signal) {
  const { epoch, nextOffset, publications } = await readJson(topicPath(topic, { limit }), signal);
  return { epoch, offset: nextOffset - 1, messages: publications.map((document) => publication({ epoch, ...document }, true)) };
}

/** How many are subscribed to a topic, also by wildcards. Asks for no more than the number. */
export async function countPresence(topic, signal) {
  return (await readJson(`${topicPath(topic)}/presence?limit=1`, signal)).subscriptions;
}

/** The server said no; `status` is its HTTP status. */
export class Refusal extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

async function readJson(path, signal) {
  return answer(await fetch(path, { headers: { accept: 'application/json', ...authorization() }, signal }));
}

/** The JSON of a good answer; throws a Refusal with what an `application/problem+json` says, or the bare status. */
async function answer(response) {
  if (response.ok) return response.json();
  const status = `${response.status} ${response.statusText}`.trim();
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) throw new Refusal(response.status, status);
  const { title, detail } = await response.json();
  throw new Refusal(response.status, detail ?? title ?? status);
}
