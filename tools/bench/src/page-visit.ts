// Somebody looks at the inspector: what its page asks for and listens to, all of it at once. The totals' stream, the table sorted by queued bytes each
// second, and one connection with its stream, described anew each second.

import { get, type IncomingMessage } from 'node:http';

const everyMs = 1000;

export class PageVisit {
  readonly #port: number;
  readonly #streams: IncomingMessage[];
  readonly #timer: NodeJS.Timeout;
  #failure: Error | null = null;
  /** Bytes that the page was sent. */
  received = 0;

  private constructor(port: number, streams: IncomingMessage[], id: number) {
    this.#port = port;
    this.#streams = streams;
    for (const stream of streams) {
      stream.on('data', (bytes: Buffer) => (this.received += bytes.length));
      stream.on('error', (error) => (this.#failure ??= error));
      stream.on('end', () => (this.#failure ??= new Error('the gateway ended a stream')));
    }
    this.#timer = setInterval(() => void this.#poll(id), everyMs);
  }

  /** Resolves when the first table is there and both streams are open. The connection watched is the newest. */
  static async open(port: number): Promise<PageVisit> {
    const newest = await readJson(port, '/inspection/connections?sort=age&order=asc&protocol=websocket&limit=1');
    const id = (newest.value as { connections: { id: number }[] }).connections[0]?.id;
    if (id === undefined) throw new Error('there is no connection to be watched');
    const streams = await Promise.all([request(port, '/inspection/totals'), request(port, `/inspection/connections/${id}/events`)]);
    const visit = new PageVisit(port, streams, id);
    await visit.#poll(id);
    return visit;
  }

  /** Rejects with what went wrong while it was open. */
  close(): Promise<void> {
    clearInterval(this.#timer);
    const failure = this.#failure;
    for (const stream of this.#streams) stream.removeAllListeners('error').on('error', () => undefined).destroy();
    return failure === null ? Promise.resolve() : Promise.reject(failure);
  }

  async #poll(id: number): Promise<void> {
    try {
      for (const path of ['connections?sort=queued&order=desc&offset=0&limit=100', `connections/${id}`]) {
        this.received += (await readJson(this.#port, `/inspection/${path}`)).bytes;
      }
    } catch (error) {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    }
  }
}

function request(port: number, path: string): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const asked = get({ host: '127.0.0.1', port, path }, (reply) => {
      if (reply.statusCode === 200) done(reply);
      else fail(new Error(`${path}: ${reply.statusCode}`));
    });
    asked.on('error', fail);
  });
}

async function readJson(port: number, path: string): Promise<{ value: unknown; bytes: number }> {
  const chunks: Buffer[] = [];
  for await (const chunk of await request(port, path)) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  return { value: JSON.parse(bytes.toString()), bytes: bytes.length };
}
