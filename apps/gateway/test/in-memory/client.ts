// A client on the network in memory, close to the wire: it sends what it is told, and keeps what it gets as ISO 8859-1.

import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, PeerAddress } from '@sluice/transport';
import type { MemoryNetwork } from '@sluice/transport-memory';

export interface Frame {
  readonly opcode: number;
  readonly payload: string;
}

export class MemoryClient implements EndpointSink {
  /** Not taken yet. */
  received = '';
  hasEnded = false;
  isClosed = false;
  readonly endpoint: Endpoint;
  readonly #network: MemoryNetwork;
  readonly #output: Brigade;

  private constructor(network: MemoryNetwork, endpoint: Endpoint) {
    this.endpoint = endpoint;
    this.#network = network;
    this.#output = new Brigade(new Pool('client'));
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  static connect(network: MemoryNetwork, address: PeerAddress): MemoryClient {
    let client: MemoryClient | null = null;
    network.connect(address, {
      onConnect: (endpoint) => (client = new MemoryClient(network, endpoint)),
      onFailure: (error) => {
        throw error;
      },
    });
    network.run(() => client !== null);
    return client!;
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    this.received += Buffer.from(bytes.subarray(start, end)).toString('latin1');
  }

  onEnd(): void {
    this.hasEnded = true;
    this.endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(): void {
    this.isClosed = true;
  }

  send(text: string): void {
    this.#output.writeLatin1(text);
    this.endpoint.write(this.#output);
  }

  /** A request line and fields; Host is there. Answers the whole reply, which has to have a Content-Length unless it has no body. */
  request(start: string, ...fields: string[]): string {
    this.send(`${[`${start} HTTP/1.1`, 'Host: memory', ...fields].join('\r\n')}\r\n\r\n`);
    return this.reply(start.startsWith('HEAD '));
  }

  reply(isHead = false): string {
    return this.#take(() => {
      const head = this.received.indexOf('\r\n\r\n') + 4;
      if (head < 4) return -1;
      const length = Number(/^content-length: (\d+)/im.exec(this.received.slice(0, head))?.[1] ?? 0);
      return isHead ? head : head + length;
    });
  }

  /** The opening handshake of a WebSocket, with further fields if there are any. Answers the reply. */
  upgrade(path: string, ...fields: string[]): string {
    const handshake = ['Upgrade: websocket', 'Connection: upgrade', 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=='];
    const reply = this.request(`GET ${path}`, ...handshake, ...fields);
    if (!reply.startsWith('HTTP/1.1 101 ')) throw new Error(`no upgrade: ${reply}`);
    return reply;
  }

  /** A message of one frame, masked with zeroes: text by default. */
  sendFrame(payload: string, opcode = 1): void {
    const { length } = payload;
    const head = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 255];
    this.send(String.fromCharCode(0x80 | opcode, ...head, 0, 0, 0, 0) + payload);
  }

  /** The frames that have come whole, taken. */
  frames(): Frame[] {
    const frames: Frame[] = [];
    for (let at = this.#endOfFrame(); at >= 0; at = this.#endOfFrame()) {
      const head = this.received.charCodeAt(1) < 126 ? 2 : 4;
      frames.push({ opcode: this.received.charCodeAt(0) & 15, payload: this.received.slice(head, at) });
      this.received = this.received.slice(at);
    }
    return frames;
  }

  /** The payloads of `count` frames: waits until so many have come. */
  messages(count: number): string[] {
    const frames: Frame[] = [];
    if (!this.#wait(() => frames.push(...this.frames()) >= count)) throw new Error(`${frames.length} frames instead of ${count}`);
    return frames.map(({ payload }) => payload);
  }

  /** Runs the network until the condition holds: false when it does not within a minute of virtual time. */
  #wait(condition: () => boolean): boolean {
    const deadline = this.#network.clock.now() + 60_000;
    let holds = false;
    this.#network.run(() => (holds = condition()) || this.#network.clock.now() > deadline);
    return holds;
  }

  #endOfFrame(): number {
    const { received } = this;
    if (received.length < 2) return -1;
    const short = received.charCodeAt(1);
    if (short === 126 && received.length < 4) return -1;
    const end = short < 126 ? 2 + short : 4 + (received.charCodeAt(2) << 8) + received.charCodeAt(3);
    return received.length < end ? -1 : end;
  }

  /** Runs the network until `end` knows where the piece ends, and takes it. */
  #take(end: () => number): string {
    let at = -1;
    if (!this.#wait(() => (at = end()) >= 0 && this.received.length >= at)) throw new Error(`no more came after ${JSON.stringify(this.received)}`);
    const taken = this.received.slice(0, at);
    this.received = this.received.slice(at);
    return taken;
  }
}
