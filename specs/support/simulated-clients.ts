// The clients of a simulation. Each follows or feeds topics over connections that may break at any byte, comes back after a while, and
// checks by itself what it is told: a `Violation` is thrown where it happens, with the seed's whole history behind it.

import type { Endpoint, PeerAddress, TransportError } from '@sluice/transport';
import type { Random } from '@sluice/transport-memory';
import { ClientConnection, type Reply } from './client-connection.ts';
import type { SimulatedGateway } from './simulated-gateway.ts';

export class Violation extends Error {
  override readonly name = 'Violation';
}

/** What was published, as somebody inside the gateway saw it: by topic, the payload of offset `index + 1`. */
export type Truth = ReadonlyMap<string, readonly string[]>;

export interface World {
  readonly gateway: SimulatedGateway;
  readonly random: Random;
  readonly truth: Truth;
  /** `HUB_EPOCH:0`: everything from the beginning, for any pattern. */
  readonly beginning: string;
}

interface Gap {
  readonly reason: string;
  readonly topic: string;
  readonly oldestOffset: number;
  readonly missed: number;
}

interface Document {
  readonly topic: string;
  readonly epoch: string;
  readonly offset: number;
  readonly data: string;
}

/** A client's half of a connection, whatever it speaks. */
export interface ClientHalf {
  readonly endpoint: Endpoint;
  /** What the gateway did against a protocol. */
  readonly breach: string | null;
  onGone(error: TransportError | null): void;
  /** Ends in good order. */
  leave(): void;
}

/** A client that comes back when its connection is gone, until it has enough. */
export abstract class Returning<Half extends ClientHalf = ClientConnection> {
  readonly world: World;
  readonly name: string;
  connection: Half | null = null;
  connections = 0;
  protected isDone = false;
  #connecting = false;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  connect(): void {
    if (this.isDone || this.#connecting || this.connection !== null) return;
    this.#connecting = true;
    const { gateway } = this.world;
    gateway.network.connect(this.address, {
      onConnect: (endpoint) => {
        this.#connecting = false;
        this.connections++;
        const isLate = this.isDone;
        this.connection = this.begin(endpoint);
        this.connection.onGone = () => {
          const { breach } = this.connection!;
          if (breach !== null) throw new Violation(`${this.name}: ${breach}`);
          this.connection = null;
          this.#again();
        };
        if (isLate) endpoint.abort();
      },
      onFailure: () => {
        this.#connecting = false;
        this.#again();
      },
    });
  }

  protected get address(): PeerAddress {
    return this.world.gateway.address;
  }

  /** No further connection; the one there is ends in good order, or at once. */
  finish(inGoodOrder: boolean): void {
    this.isDone = true;
    if (inGoodOrder) this.connection?.leave();
    else this.connection?.endpoint.abort();
  }

  /** The client's half of a new connection. */
  protected abstract begin(endpoint: Endpoint): Half;

  protected open(endpoint: Endpoint): ClientConnection {
    return new ClientConnection(endpoint, () => this.world.random.next() | 0);
  }

  #again(): void {
    const { gateway, random } = this.world;
    if (!this.isDone) gateway.network.clock.schedule(random.below(400), () => this.connect());
  }
}

/** Follows topics, and is sure to have had each publication once, in order. */
export abstract class Follower<Half extends ClientHalf = ClientConnection> extends Returning<Half> {
  /** A topic, or a pattern with wildcards. */
  readonly pattern: string;
  gaps = 0;
  /** Where it goes on, as it would tell the gateway. */
  protected position: string;
  readonly #last = new Map<string, number>();
  /** Holes told of that no publication has followed yet: by topic, how many are missing, −1 where nobody can tell. */
  readonly #told = new Map<string, number>();

  constructor(world: World, name: string, pattern: string) {
    super(world, name);
    this.pattern = pattern;
    this.position = world.beginning;
  }

  /** Has everything there is, or was told that the rest is lost. */
  get isUpToDate(): boolean {
    for (const [topic, published] of this.world.truth) {
      if (this.#follows(topic) && !this.#told.has(topic) && (this.#last.get(topic) ?? 0) !== published.length) return false;
    }
    return true;
  }

  /** Wildcards are used at the end of patterns only. */
  #follows(topic: string): boolean {
    return this.pattern.endsWith('>') ? topic.startsWith(this.pattern.slice(0, -1)) : topic === this.pattern;
  }

  protected take(topic: string, offset: number, data: string): void {
    const last = this.#last.get(topic) ?? 0;
    const told = this.#told.get(topic);
    const hole = offset - last - 1;
    if (hole < 0) throw new Violation(`${this.name}: ${topic}:${offset} came again, after ${last}`);
    if (hole > 0 && told === undefined) throw new Violation(`${this.name}: nothing was said about ${topic} from ${last + 1} to ${offset - 1}`);
    if (told !== undefined && told >= 0 && told !== hole) {
      throw new Violation(`${this.name}: ${told} publications were said to be missing before ${topic}:${offset}, not ${hole}`);
    }
    if (this.world.truth.get(topic)?.[offset - 1] !== data) throw new Violation(`${this.name}: ${topic}:${offset} is not what was published`);
    this.#told.delete(topic);
    this.#last.set(topic, offset);
  }

  /** On a new connection it goes on from its position: what was told on the last one and not followed by anything is void. */
  protected forgetGaps(): void {
    this.#told.clear();
  }

  protected override open(endpoint: Endpoint): ClientConnection {
    this.forgetGaps();
    return super.open(endpoint);
  }

  protected takeGap({ reason, topic, oldestOffset, missed }: Gap): void {
    this.gaps++;
    for (const one of topic === '' ? this.world.truth.keys() : [topic]) {
      const told = this.#told.get(one);
      if (reason === 'tooOld') {
        // Told when it came back: true only where the history did not reach back to what it has had.
        const last = this.#last.get(one) ?? 0;
        if (topic !== '' && oldestOffset > 0 && oldestOffset <= last + 1) {
          throw new Violation(`${this.name}: a gap, but ${topic} from ${oldestOffset} on is there and ${last} was the last`);
        }
        this.#told.set(one, -1);
      } else if (reason === 'dropped' || reason === 'conflated') {
        this.#told.set(one, told === undefined ? missed : told < 0 ? -1 : told + missed);
      } else {
        throw new Violation(`${this.name}: a gap of reason ${reason}`);
      }
    }
  }
}

/** A WebSocket with the `sluice.v1` envelope, which may also publish to the topic it follows. */
export class SocketFollower extends Follower {
  sent = 0;

  protected begin(endpoint: Endpoint): ClientConnection {
    const connection = this.open(endpoint);
    connection.onMessage = (message) => {
      const document = JSON.parse(message) as Document & Gap & { type?: string };
      if (document.type === 'gap') {
        this.takeGap(document);
      } else if (document.type === undefined) {
        this.take(document.topic, document.offset, document.data);
        this.position = `${document.epoch}:${document.offset}`;
      }
    };
    connection.upgrade(`/topics/${this.pattern}?since=${this.position}`, ['sluice.v1']);
    return connection;
  }

  publish(filling: string): void {
    if (this.connection?.socket?.closeState === 'open') this.connection.send(`${this.name}.${this.connections} ${++this.sent} ${filling}`);
  }
}

/** An event stream. */
export class StreamFollower extends Follower {
  protected begin(endpoint: Endpoint): ClientConnection {
    const connection = this.open(endpoint);
    let unread = '';
    connection.onPiece = (piece) => {
      unread += piece;
      for (let end = unread.indexOf('\n\n'); end >= 0; end = unread.indexOf('\n\n')) {
        this.#takeEvent(unread.slice(0, end));
        unread = unread.slice(end + 2);
      }
    };
    connection.request('GET', `/topics/${encodeURIComponent(this.pattern)}`, ['Accept', 'text/event-stream', 'Last-Event-ID', this.position]);
    return connection;
  }

  #takeEvent(event: string): void {
    const fields = new Map(event.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
    const data = fields.get('data');
    if (data === undefined) return;
    if (fields.get('event') === 'gap') {
      this.takeGap(JSON.parse(data) as Gap);
      return;
    }
    const id = fields.get('id');
    if (id === undefined) throw new Violation(`${this.name}: an event without an id`);
    const [topic, offset] = this.#placeOf(id, data);
    this.take(topic, offset, data);
    this.position = id;
  }

  /** A topic's id has the offset; the hub's has not, but no two publications of a simulation are the same. */
  #placeOf(id: string, data: string): [string, number] {
    if (!this.pattern.endsWith('>')) return [this.pattern, Number(id.slice(id.indexOf(':') + 1))];
    for (const [topic, published] of this.world.truth) {
      const index = published.indexOf(data);
      if (index >= 0) return [topic, index + 1];
    }
    throw new Violation(`${this.name}: ${data.slice(0, 40)} was never published`);
  }
}

/** Publishes by POST, one after the other on a connection that is kept, and reads history now and then. */
export class Poster extends Returning {
  acknowledged = 0;
  sent = 0;
  #waiting: 'nothing' | 'publication' | 'history' = 'nothing';
  #topic = '';
  #body = '';

  get isIdle(): boolean {
    return this.#waiting === 'nothing';
  }

  protected begin(endpoint: Endpoint): ClientConnection {
    this.#waiting = 'nothing';
    const connection = this.open(endpoint);
    connection.onReply = (reply) => this.#onReply(reply);
    return connection;
  }

  publish(topic: string, filling: string): void {
    if (!this.#ready()) return;
    this.#waiting = 'publication';
    this.#topic = topic;
    this.#body = `${this.name}.${this.connections} ${++this.sent} ${filling}`;
    this.connection!.request('POST', `/topics/${topic}`, [], this.#body);
  }

  read(topic: string, limit: number): void {
    if (!this.#ready()) return;
    this.#waiting = 'history';
    this.#topic = topic;
    this.connection!.request('GET', `/topics/${topic}?limit=${limit}`);
  }

  #ready(): boolean {
    const { connection } = this;
    return connection !== null && this.#waiting === 'nothing' && connection.http.keepAlive && !connection.hasEnded;
  }

  #onReply({ status, body }: Reply): void {
    const waiting = this.#waiting;
    this.#waiting = 'nothing';
    // Links may be so slow that the request was not there in time; this connection ends then.
    if (status === 408) return;
    if (status !== 200) throw new Violation(`${this.name}: ${status} ${body}`);
    const published = this.world.truth.get(this.#topic) ?? [];
    if (waiting === 'publication') {
      const { offset } = JSON.parse(body) as { offset: number };
      if (published[offset - 1] !== this.#body) throw new Violation(`${this.name}: ${this.#topic}:${offset} is not what it was told it is`);
      this.acknowledged++;
    } else {
      let next = 0;
      for (const { offset, data } of (JSON.parse(body) as { publications: Document[] }).publications) {
        if (next !== 0 && offset !== next) throw new Violation(`${this.name}: history of ${this.#topic} has ${offset} instead of ${next}`);
        if (published[offset - 1] !== data) throw new Violation(`${this.name}: history of ${this.#topic}:${offset} is not what was published`);
        next = offset + 1;
      }
    }
  }
}

export type Nuisances = 'halfRequest' | 'neverReads' | 'asksForTooMuch' | 'garbage';

/** Asks for nothing whole, or never reads: what a gateway has to live with. */
export class Nuisance extends Returning {
  readonly #does: Nuisances;
  readonly #topic: string;

  constructor(world: World, name: string, does: Nuisances, topic: string) {
    super(world, name);
    this.#does = does;
    this.#topic = topic;
  }

  protected begin(endpoint: Endpoint): ClientConnection {
    this.isDone = true;
    const connection = this.open(endpoint);
    if (this.#does === 'neverReads') {
      connection.upgrade(`/topics/${this.#topic}?since=${this.world.beginning}`);
      endpoint.setReading(false);
    } else if (this.#does === 'asksForTooMuch') {
      for (let i = 0; i < 300; i++) connection.request('GET', `/topics/${this.#topic}?limit=2`);
      endpoint.setReading(false);
    } else {
      const text = this.#does === 'halfRequest' ? `POST /topics/${this.#topic} HTTP/1.1\r\nHost: gateway\r\nContent-Le` : '\0\r\n\r\n';
      connection.http.output.writeLatin1(text);
      connection.flush();
      // The refusal is no reply to anything this client has asked for: it is not read.
      connection.onBytes = () => {};
      connection.onEnd = () => connection.endpoint.shutdown();
    }
    return connection;
  }
}
