// A client's end of one connection, over any transport's endpoint: the HTTP engine in the client role and, after an upgrade, the
// WebSocket engine. It only turns bytes into calls; what a client wants is in the classes made from it.

import { createHash } from 'node:crypto';
import { Pool } from '@sluice/brigade';
import { Http1Engine, Http1Event } from '@sluice/http1';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';
import { ClientHandshake, WebSocketEngine, WebSocketEvent } from '@sluice/websocket';

const utf8 = new TextEncoder();
const text = new TextDecoder();

export interface Reply {
  readonly status: number;
  readonly body: string;
}

export class ClientConnection implements EndpointSink {
  readonly endpoint: Endpoint;
  readonly pool = new Pool('client');
  readonly http: Http1Engine;
  socket: WebSocketEngine | null = null;
  isClosed = false;
  /** The gateway has sent FIN, or an answer after which it takes no further request. */
  hasEnded = false;
  /** What the gateway did against a protocol: every test that uses a client fails on it. */
  breach: string | null = null;
  /** The close frame's code, once there was one. */
  closeCode = 0;
  #requests = 0;
  #status = 0;
  #body = '';
  #handshake: ClientHandshake | null = null;
  readonly #random: () => number;

  constructor(endpoint: Endpoint, random: () => number) {
    this.endpoint = endpoint;
    this.#random = random;
    this.http = new Http1Engine({ role: 'client', pool: this.pool });
    endpoint.attach(this);
    endpoint.setReading(true);
  }

  // What a client may want to know; nothing by default.

  onReply(_reply: Reply): void {}
  /** A piece of a reply's body as it comes. */
  onPiece(_piece: string): void {}
  onOpen(_protocol: string | null): void {}
  onMessage(_message: string): void {}
  onGone(_error: TransportError | null): void {}

  // What a client does

  request(method: string, target: string, headers: readonly string[] = [], body: string | null = null): void {
    if (this.isClosed) return;
    this.#requests++;
    const bytes = body === null ? null : utf8.encode(body);
    this.http.sendRequest(method, target, ['Host', 'gateway', ...headers], bytes?.length ?? 0);
    if (bytes !== null && bytes.length > 0) this.http.sendData(bytes);
    this.http.sendEnd();
    this.flush();
  }

  /** Asks for a WebSocket. */
  upgrade(target: string, protocols: readonly string[] = []): void {
    if (this.isClosed) return;
    const nonce = new Uint8Array(16);
    for (let i = 0; i < nonce.length; i++) nonce[i] = this.#random();
    this.#requests++;
    this.#handshake = new ClientHandshake({ sha1: (bytes) => createHash('sha1').update(bytes).digest(), nonce, protocols });
    this.http.sendRequest('GET', target, ['Host', 'gateway', ...this.#handshake.headers.flat()]);
    this.http.sendEnd();
    this.flush();
  }

  send(message: string): void {
    if (this.isClosed || this.socket === null || this.socket.closeState !== 'open') return;
    const bytes = utf8.encode(message);
    this.socket.sendText(bytes, 0, bytes.length);
    this.flush();
  }

  /** Ends in good order: a close frame, or FIN. */
  leave(): void {
    if (this.isClosed) return;
    if (this.socket === null) this.endpoint.shutdown();
    else this.socket.close(1000);
    this.flush();
  }

  flush(): void {
    if (this.isClosed) return;
    this.endpoint.write(this.http.output);
    if (this.socket === null) return;
    this.endpoint.write(this.socket.controlOutput);
    this.endpoint.write(this.socket.output);
  }

  // The endpoint's side

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.isClosed) return;
    if (this.socket === null) {
      this.http.receive(bytes, start, end);
      this.#readHttp();
    } else {
      this.socket.receive(bytes, start, end);
      this.#readSocket(this.socket);
    }
    this.flush();
  }

  onEnd(): void {
    this.hasEnded = true;
    if (this.socket === null) {
      this.http.receiveEnd();
      this.#readHttp(true);
    } else {
      this.socket.receiveEnd();
      this.#readSocket(this.socket);
    }
    this.flush();
    this.endpoint.shutdown();
  }

  onProgress(): void {}

  onClose(error: TransportError | null): void {
    this.isClosed = true;
    this.pool.destroy();
    this.onGone(error);
  }

  #readHttp(ended = false): void {
    const { http } = this;
    for (;;) {
      switch (http.next()) {
        case Http1Event.NeedData:
          return;
        case Http1Event.Head:
          this.#status = http.response.status;
          this.#body = '';
          break;
        case Http1Event.Data: {
          const piece = text.decode(http.data.subarray(http.dataStart, http.dataEnd));
          this.#body += piece;
          this.onPiece(piece);
          break;
        }
        case Http1Event.EndOfMessage:
          this.onReply({ status: this.#status, body: this.#body });
          break;
        case Http1Event.Upgrade:
          this.#open();
          return;
        case Http1Event.Closed:
          this.hasEnded = true;
          this.endpoint.shutdown();
          return;
        case Http1Event.Failed:
          // A connection that was cut in the middle of a reply is the network's fault; 408 to one that never asked for anything
          // is an answer to its silence.
          if (!ended && !(this.#requests === 0 && http.failure?.code === 'unsolicitedResponse')) this.breach = `HTTP: ${http.failure?.code}`;
          this.endpoint.abort();
          return;
        default:
          break;
      }
    }
  }

  #open(): void {
    const { response } = this.http;
    const answer = this.#handshake?.check({ status: response.status, header: (name) => response.get(name) ?? undefined });
    if (answer === undefined || !answer.accepted) {
      this.breach = `handshake: ${answer?.code}`;
      this.endpoint.abort();
      return;
    }
    const leftover = this.http.takeLeftover();
    this.socket = new WebSocketEngine({ role: 'client', pool: this.pool, maskKey: this.#random });
    this.onOpen(answer.protocol);
    this.socket.receive(leftover, 0, leftover.length);
    this.#readSocket(this.socket);
  }

  #readSocket(socket: WebSocketEngine): void {
    for (;;) {
      switch (socket.next()) {
        case WebSocketEvent.NeedData:
          return;
        case WebSocketEvent.Message:
          this.onMessage(text.decode(socket.data.subarray(socket.dataStart, socket.dataEnd)));
          break;
        case WebSocketEvent.Close:
          this.closeCode = socket.closeCode;
          break;
        case WebSocketEvent.Closed:
          return;
        case WebSocketEvent.Failed:
          this.breach = `WebSocket: ${socket.failure?.code}`;
          this.endpoint.abort();
          return;
        default:
          break;
      }
    }
  }
}
