// Publications as the page shows them, and the three requests that are no subscription: publish, history, presence.

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

/** Publishes a text by POST; resolves with its offset, rejects with an Error that says why not. */
export async function publish(topic, text) {
  const response = await fetch(topicPath(topic), {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: text,
  });
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()).offset;
}

/** The last publications of a topic, oldest first, and where the topic stands: {epoch, offset, messages}. */
export async function readHistory(topic, limit, signal) {
  const response = await fetch(topicPath(topic, { limit }), { headers: { accept: 'application/json' }, signal });
  if (!response.ok) throw new Error(await problemOf(response));
  const { epoch, offset, messages } = await response.json();
  return { epoch, offset, messages: messages.map((message) => publication({ epoch, ...message }, true)) };
}

/** How many are subscribed to a topic. */
export async function countPresence(topic, signal) {
  const response = await fetch(`${topicPath(topic)}/presence`, { headers: { accept: 'application/json' }, signal });
  if (!response.ok) throw new Error(await problemOf(response));
  return (await response.json()).count;
}

/** What an `application/problem+json` says, or the bare status. */
async function problemOf(response) {
  const status = `${response.status} ${response.statusText}`.trim();
  if (!response.headers.get('content-type')?.startsWith('application/problem+json')) return status;
  const { title, detail } = await response.json();
  return detail ?? title ?? status;
}
