// A room: one topic of the gateway, live. It shows the last messages and then what comes, goes on where it was when a connection
// is lost, says when messages are missing, and shows each message once.
//
//     const room = new Room({ topic, name, token, listener });
//     listener: message({ id, name, text, at }), gap({ missed }), state(word, seconds), refused(text)

const historyShown = 50;
const firstWaitMs = 500;
const longestWaitMs = 15_000;
const idsRemembered = 1000;

/** Close codes after which the same attempt would end the same way. */
const lasting = new Set([1002, 1003, 1007, 1008, 1009, 4400, 4401, 4403, 4404, 4421]);

export class Room {
  #options;
  #socket = null;
  #timer = 0;
  #attempt = 0;
  /** What has been shown: everything up to `offset` of `epoch`. */
  #epoch = null;
  #offset = 0;
  /** Where to go on: `EPOCH:OFFSET`. */
  #since = null;
  #ids = new Set();

  constructor(options) {
    this.#options = options;
    this.#connect();
  }

  /** Leaves for good. */
  leave() {
    clearTimeout(this.#timer);
    if (this.#socket !== null) this.#socket.onclose = null;
    this.#socket?.close(1000);
  }

  #connect() {
    const { topic, name, token, listener } = this.#options;
    const query = new URLSearchParams({ history: historyShown, tag: `name:${name}` });
    if (this.#since !== null) query.set('since', this.#since);
    const url = new URL(`/topics/${encodeURIComponent(topic)}?${query}`, location.href);
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
    this.#socket = new WebSocket(url, ['sluice.v1', ...tokenProtocols(token)]);
    this.#socket.onmessage = ({ data }) => this.#receive(JSON.parse(data));
    this.#socket.onclose = ({ code, reason }) => this.#lost(code, reason);
    listener.state('connecting', 0);
  }

  #receive(document) {
    const { type, epoch, offset, position } = document;
    // A message by tag has no position.
    if (epoch === undefined) return;
    this.#since = position ?? `${epoch}:${offset}`;
    if (type === 'gap') this.#options.listener.gap(document);
    else if (type === undefined) this.#show(document);
    else {
      // `subscribed` or `resumed`: the connection works.
      this.#attempt = 0;
      this.#options.listener.state('open', 0);
    }
  }

  #show({ epoch, offset, time, data }) {
    if (epoch === this.#epoch && offset <= this.#offset) return;
    this.#epoch = epoch;
    this.#offset = offset;
    const message = readMessage(data);
    // A message that was posted again, because the answer to the first post was lost, has the same id.
    if (message === null || this.#ids.has(message.id)) return;
    this.#ids.add(message.id);
    if (this.#ids.size > idsRemembered) this.#ids.delete(this.#ids.values().next().value);
    this.#options.listener.message({ ...message, at: new Date(time) });
  }

  #lost(code, reason) {
    const { listener } = this.#options;
    if (lasting.has(code)) {
      listener.refused(reason || `closed with code ${code}`);
      return;
    }
    const hint = /(?:^| )retry-after-ms=(\d{1,9})$/.exec(reason);
    const backoffMs = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#attempt++) * (0.5 + Math.random() / 2);
    const waitMs = Math.max(backoffMs, hint === null ? 0 : Number(hint[1]));
    this.#timer = setTimeout(() => this.#connect(), waitMs);
    listener.state('waiting', waitMs / 1000);
  }

  /** Posts a text until the gateway has answered. Resolves once it is published; rejects with why it is refused. */
  async post(text) {
    const { topic, name, token } = this.#options;
    const body = JSON.stringify({ id: crypto.randomUUID(), name, text });
    for (let attempt = 0; ; attempt++) {
      const answer = await request(`/topics/${encodeURIComponent(topic)}`, token, { method: 'POST', body });
      if (answer?.ok === true) return;
      const temporary = answer === null || answer.status === 429 || answer.status >= 500;
      if (!temporary || attempt === 5) throw new Error(answer === null ? 'no connection' : (await answer.json()).detail);
      const seconds = Number(answer?.headers.get('Retry-After') ?? 0);
      await new Promise((resolve) => setTimeout(resolve, Math.max(seconds * 1000, firstWaitMs * 2 ** attempt)));
    }
  }
}

/** The names of those who are in a room, each once; rejects with the status where the gateway refuses. */
export async function whoIsThere(topic, token) {
  const answer = await request(`/topics/${encodeURIComponent(topic)}/presence?limit=200`, token);
  if (answer === null) throw new Error('no connection');
  if (!answer.ok) throw Object.assign(new Error(`status ${answer.status}`), { status: answer.status });
  const { members } = await answer.json();
  const tags = members.flatMap((member) => member.tags).filter((tag) => tag.startsWith('name:'));
  return [...new Set(tags.map((tag) => tag.slice('name:'.length)))].sort();
}

/** Null where no answer came. */
async function request(path, token, init = {}) {
  const headers = token === '' ? {} : { authorization: `Bearer ${token}` };
  try {
    return await fetch(path, { ...init, headers });
  } catch {
    return null;
  }
}

/** A token as a sub-protocol to offer: base64url. A browser's WebSocket can set no header fields, and a URL would be logged. */
function tokenProtocols(token) {
  if (token === '') return [];
  const base64url = btoa(token).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return [`sluice.bearer.${base64url}`];
}

/** Anyone may have published to the topic: what is no message of ours is left out. */
function readMessage(data) {
  try {
    const { id, name, text } = JSON.parse(data);
    return [id, name, text].every((part) => typeof part === 'string') ? { id, name, text } : null;
  } catch {
    return null;
  }
}
