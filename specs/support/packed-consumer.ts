// A program that uses the libs as somebody else would, without Node's types: an HTTP server that upgrades to an echoing WebSocket, on an
// endpoint of its own that keeps what is written. `packing.spec.ts` compiles and runs it against the packed libs.

import { Brigade, Pool, shareBytes } from '@sluice/brigade';
import {
  Connection,
  HttpSession,
  TurnQueue,
  WebSocketSession,
  defaultTimeouts,
  defaultWindows,
  noThrottles,
  type CloseReason,
  type HttpHandler,
  type WebSocketHandler,
} from '@sluice/connection';
import { Http1Engine } from '@sluice/http1';
import { TimingWheel, VirtualClock } from '@sluice/timing';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import { WebSocketEngine, WebSocketEvent, serverHandshake } from '@sluice/websocket';

declare const console: { log(text: string): void };

const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Takes everything at once, and remembers it. */
class RememberingEndpoint implements Endpoint {
  readonly peer = { host: 'here', port: 1 };
  readonly local = { host: 'here', port: 2 };
  readonly queuedBytes = 0;
  bytesIn = 0;
  bytesOut = 0;
  sink!: EndpointSink;
  isReading = false;
  isShut = false;
  #taken: Uint8Array[] = [];

  attach(sink: EndpointSink): void {
    this.sink = sink;
  }

  setReading(wanted: boolean): void {
    this.isReading = wanted;
  }

  write(brigade: Brigade): void {
    const bytes = brigade.flatten();
    this.bytesOut += bytes.length;
    this.#taken.push(Uint8Array.from(bytes));
    brigade.consume(bytes.length);
  }

  shutdown(): void {
    this.isShut = true;
  }

  close(): void {
    this.sink.onClose(null);
  }

  abort(): void {
    this.sink.onClose(null);
  }

  receive(bytes: Uint8Array): void {
    check(this.isReading, 'bytes came while nobody read');
    this.bytesIn += bytes.length;
    this.sink.onBytes(bytes, 0, bytes.length);
  }

  takeAll(): Uint8Array {
    const all = Uint8Array.from(this.#taken.flatMap((piece) => [...piece]));
    this.#taken = [];
    return all;
  }
}

const root = new Pool('consumer');
const clock = new VirtualClock();
let closedFor: CloseReason | null = null;
const host = {
  clock,
  pool: root,
  wheel: new TimingWheel({ startMs: 0 }),
  turn: new TurnQueue((run) => void clock.schedule(0, run)),
  windows: defaultWindows,
  timeouts: defaultTimeouts,
  throttles: noThrottles,
  observer: {
    onStep(): void {},
    onCrash(_connection: Connection, error: unknown): void {
      throw error;
    },
    onClosed(connection: Connection, reason: CloseReason): void {
      closedFor = reason;
      connection.pool.destroy();
    },
  },
};

const echo: WebSocketHandler = {
  onOpen() {},
  onMessage(socket, opcode, bytes, start, end) {
    socket.send(opcode, bytes, start, end);
    return true;
  },
  onWritable() {},
  onClose() {},
};
const greeting = shareBytes(root, bytesOf('hello\n'));
const handler: HttpHandler = {
  onRequest(exchange) {
    if (exchange.head.upgrade.length === 0) {
      exchange.begin(200, ['Content-Type', 'text/plain'], greeting.length);
      exchange.writeBucket(greeting.retain());
      exchange.end();
      return;
    }
    const header = (name: string): string | undefined => exchange.head.get(name) ?? undefined;
    const answer = serverHandshake({ method: exchange.method, httpVersion: '1.1', header }, { sha1: () => new Uint8Array(20) });
    check(answer.accepted, 'the handshake was refused');
    exchange.upgrade('websocket', [], () => {
      const engine = new WebSocketEngine({ role: 'server', pool: exchange.session.connection.pool });
      return new WebSocketSession(engine, echo, { pingIntervalMs: 0, idleTimeoutMs: 0 });
    });
  },
  onReplied() {},
  errorReply: (_status, detail) => ({ headers: [], body: bytesOf(detail) }),
};

const endpoint = new RememberingEndpoint();
const pool = root.subpool('connection');
const session = new HttpSession(new Http1Engine({ role: 'server', pool }), handler, { keepAliveTimeoutMs: 1000 });
const connection = new Connection(endpoint, host, session, pool);
connection.start();

endpoint.receive(bytesOf('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
clock.step();
check(latin1(endpoint.takeAll()).endsWith('\r\n\r\nhello\n'), 'no reply');

const fields = ['Host: a', 'Upgrade: websocket', 'Connection: Upgrade', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
endpoint.receive(bytesOf(`GET / HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`));
clock.step();
check(latin1(endpoint.takeAll()).startsWith('HTTP/1.1 101 '), 'no upgrade');

const clientPool = new Pool('client');
const client = new WebSocketEngine({ role: 'client', pool: clientPool, maskKey: () => 0x12345678 });
const message = bytesOf('over the wire');
client.sendText(message, 0, message.length);
const frame = Uint8Array.from(client.output.flatten());
client.output.consume(frame.length);
endpoint.receive(frame);
clock.step();
const answer = endpoint.takeAll();
client.receive(answer, 0, answer.length);
check(client.next() === WebSocketEvent.Message, 'no echo');
check(latin1(client.data.subarray(client.dataStart, client.dataEnd)) === 'over the wire', 'another echo');

connection.abort();
greeting.release();
clientPool.destroy();
check(closedFor === 'aborted', 'the connection is still open');
check(root.outstanding().bytes === 0 && root.outstanding().handles === 0, 'something is still held');
console.log('consumed');
