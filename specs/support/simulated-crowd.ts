// Further clients of a simulation: one that follows a topic over the command protocol, one with a tag, and one whose address has a rate
// and who does not keep to it.

import { Brigade, Pool } from '@sluice/brigade';
import { CommandClient } from '@sluice/command';
import type { Endpoint, EndpointSink, PeerAddress, TransportError } from '@sluice/transport';
import type { ClientConnection } from './client-connection.ts';
import { Follower, Returning, Violation, type ClientHalf } from './simulated-clients.ts';

/** What a transport can do to a connection, and no breach of the protocol. */
const cuts = new Set(['truncated', 'missingGreeting', 'missingReply']);

class CommandHalf implements ClientHalf, EndpointSink {
  readonly endpoint: Endpoint;
  readonly client: CommandClient;
  breach: string | null = null;
  isClosed = false;
  readonly #pool: Pool;

  constructor(endpoint: Endpoint, pool: Pool, client: CommandClient) {
    this.endpoint = endpoint;
    this.client = client;
    this.#pool = pool;
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  onGone(_error: TransportError | null): void {}

  leave(): void {
    this.endpoint.shutdown();
  }

  flush(): void {
    if (!this.isClosed) this.endpoint.write(this.client.output);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.client.receive(bytes, start, end);
    this.flush();
  }

  onEnd(): void {
    this.client.receiveEnd();
    this.endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.isClosed = true;
    this.client.abandon();
    const rest = new Brigade(this.#pool);
    rest.concat(this.client.output);
    rest.destroy();
    this.#pool.destroy();
    this.onGone(error);
  }
}

/** Subscribes, and publishes to the topic it follows. */
export class CommandFollower extends Follower<CommandHalf> {
  sent = 0;
  acknowledged = 0;

  protected override get address(): PeerAddress {
    return this.world.gateway.running.gateway.command[0]!;
  }

  protected begin(endpoint: Endpoint): CommandHalf {
    this.forgetGaps();
    const pool = new Pool('command client');
    const client = new CommandClient(
      { pool },
      {
        onPublication: (head, bytes, start, end) => {
          const { topic, offset, epoch } = head;
          this.take(topic, offset, Buffer.from(bytes.subarray(start, end)).toString());
          this.position = head.header('Position') ?? `${epoch}:${offset}`;
        },
        onGap: (head) => {
          const { topic } = head;
          const numberOf = (name: string, absent: number): number => Number(head.header(name) ?? absent);
          const reason = head.header('Reason') ?? '';
          this.takeGap({ reason, topic: topic.endsWith('>') ? '' : topic, oldestOffset: numberOf('Oldest-Offset', 0), missed: numberOf('Missed', -1) });
        },
        onEnd: (end) => {
          if (end.kind === 'failed' && !cuts.has(end.failure.code)) half.breach = `command: ${end.failure.code}`;
          endpoint.shutdown();
        },
      },
    );
    const half = new CommandHalf(endpoint, pool, client);
    client.request('SUBSCRIBE', [this.pattern], (reply) => {
      if (reply?.ok === false) throw new Violation(`${this.name}: ${reply.text}`);
    }, { headers: ['Since', this.position] });
    half.flush();
    return half;
  }

  publish(topic: string, filling: string): void {
    const { connection } = this;
    if (connection === null || connection.isClosed || !connection.client.isOpen) return;
    const text = `${this.name}.${this.connections} ${++this.sent} ${filling}`;
    connection.client.request('PUBLISH', [topic], (reply, bytes, start, end) => {
      // A goodbye, or a break: nobody knows.
      if (reply === null) return;
      if (!reply.ok) throw new Violation(`${this.name}: ${reply.text}`);
      const { offset } = JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as { offset: number };
      if (this.world.truth.get(topic)?.[offset - 1] !== text) throw new Violation(`${this.name}: ${topic}:${offset} is not what it was told it is`);
      this.acknowledged++;
    }, { body: Buffer.from(text) });
    connection.flush();
  }
}

/** Hears what is sent to its tag while it is connected, in order, each at most once, and nothing else. */
export class TaggedSocket extends Returning {
  readonly tag: string;
  heard = 0;
  #last = 0;

  constructor(world: Returning['world'], name: string, tag: string) {
    super(world, name);
    this.tag = tag;
  }

  protected begin(endpoint: Endpoint): ClientConnection {
    const connection = this.open(endpoint);
    connection.onMessage = (message) => {
      const [tag, number] = message.split(' ');
      if (tag !== this.tag) throw new Violation(`${this.name}: a message for ${tag}`);
      if (Number(number) <= this.#last) throw new Violation(`${this.name}: ${number} follows ${this.#last}`);
      this.#last = Number(number);
      this.heard++;
    };
    connection.upgrade(`/topics/quiet?tag=${this.tag}`);
    return connection;
  }
}

/** Comes from an address with a rate, and sends more than that at once. */
export class Hasty extends Returning {
  readonly #topic: string;

  constructor(world: Returning['world'], name: string, topic: string) {
    super(world, name);
    this.#topic = topic;
  }

  protected override get address(): PeerAddress {
    return this.world.gateway.running.gateway.http[1]!;
  }

  protected begin(endpoint: Endpoint): ClientConnection {
    this.isDone = true;
    const connection = this.open(endpoint);
    connection.onOpen = () => {
      for (let i = 1; i <= 30; i++) connection.send(`${this.name}.${this.connections} ${i}`);
    };
    connection.upgrade(`/topics/${this.#topic}`);
    return connection;
  }
}
