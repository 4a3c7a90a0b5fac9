// Requests to the admin listener in memory, and what comes back.

import type { MemoryClient } from '../in-memory/client.ts';
import type { GatewayInMemory } from '../in-memory/gateway.ts';

export const bodyOf = (reply: string): string => reply.slice(reply.indexOf('\r\n\r\n') + 4);
export const statusOf = (reply: string): number => Number(reply.slice(9, 12));
export const jsonOf = (reply: string): Record<string, unknown> => JSON.parse(bodyOf(reply)) as Record<string, unknown>;

export function post(client: MemoryClient, path: string, body: string, ...fields: string[]): string {
  client.send([`POST ${path} HTTP/1.1`, 'Host: memory', `Content-Length: ${body.length}`, ...fields, '', body].join('\r\n'));
  return client.reply();
}

export function act(client: MemoryClient, id: number, action: object, ...fields: string[]): string {
  return post(client, `/inspection/connections/${id}/actions`, JSON.stringify(action), 'Content-Type: application/json', ...fields);
}

/** The connection opened last. */
export const newest = ({ gateway }: GatewayInMemory) => [...gateway.registry.all()].at(-1)!;

export interface StreamEvent {
  readonly name: string;
  readonly data: Record<string, unknown>;
}

/** An event stream, as far as it has come. */
export class EventReader {
  readonly #running: GatewayInMemory;
  readonly client: MemoryClient;
  #text = '';

  constructor(running: GatewayInMemory, path: string) {
    this.#running = running;
    this.client = running.connectAdmin();
    this.client.send(`GET ${path} HTTP/1.1\r\nHost: memory\r\n\r\n`);
    running.pass(1);
    if (!this.client.received.startsWith('HTTP/1.1 200 ')) throw new Error(this.client.received);
    if (!this.client.received.includes('Content-Type: text/event-stream')) throw new Error('no event stream');
    this.client.received = bodyOf(this.client.received);
  }

  /** The reply is complete. */
  get hasEnded(): boolean {
    return this.client.received.endsWith('0\r\n\r\n');
  }

  /** What has come since the last call, in so much time. */
  events(ms = 1): StreamEvent[] {
    this.#running.pass(ms);
    for (let match = chunk.exec(this.client.received); match !== null; match = chunk.exec(this.client.received)) {
      const start = match[0].length;
      const length = parseInt(match[1]!, 16);
      if (length === 0 || this.client.received.length < start + length + 2) break;
      this.#text += this.client.received.slice(start, start + length);
      this.client.received = this.client.received.slice(start + length + 2);
    }
    const whole = this.#text.split('\n\n');
    this.#text = whole.pop()!;
    return whole.flatMap((text) => {
      const match = /^event: (\w+)\ndata: (.*)$/s.exec(text);
      return match === null ? [] : [{ name: match[1]!, data: JSON.parse(match[2]!) as Record<string, unknown> }];
    });
  }
}

const chunk = /^([0-9a-f]+)\r\n/i;
