// The transport over node:net. Picks, once, the best way this Node and platform have, and makes listeners and endpoints of it:
//
//     handles  Node's TCP handles bare: less memory, one call per read        (any Node that has them as we know them)
//     native   send(2) and sendfile(2) straight from JavaScript on top of it  (Node 26 on Linux)
//     neither  public net.Sockets                                             (anywhere)

import { closeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Pool } from '@sluice/brigade';
import { TransportError } from '@sluice/transport';
import type {
  Adopter,
  CancelSignal,
  ConnectOptions,
  Endpoint,
  Listener,
  ListenerSink,
  ListenOptions,
  PeerAddress,
  Resolver,
  Transport,
} from '@sluice/transport';
import { Afterwards } from './afterwards.ts';
import type { EndpointShare } from './endpoint-core.ts';
import { failureOf } from './failures.ts';
import { FileChunkReader } from './file-chunks.ts';
import { HandleEndpoint, HandleShare } from './handle-endpoint.ts';
import { NodeListener } from './listener.ts';
import { nativeIo } from './native-io.ts';
import { connectSocket } from './outbound.ts';
import { descriptorLimit, Refusals } from './overload.ts';
import { resolveHost } from './resolver.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { ignore, takeHandle, type TcpHandle, tcpInternals } from './tcp-handle.ts';
import { TlsSocketEndpoint } from './tls-socket-endpoint.ts';

/** What a refused peer is sent before FIN; `null` closes without a word. */
export type OverloadAnswer = (peer: PeerAddress) => Uint8Array | null;

export interface NodeTransportOptions {
  /** Holds what waits to be written, and whatever else the transport keeps in memory. Default: a pool of its own. */
  readonly pool?: Pool;
  /** `off` does without system calls through `node:ffi` even where they can be made. Default `auto`. */
  readonly nativeIo?: 'auto' | 'off';
  /** `off` does without Node's bare handles, and so without native I/O: public net.Sockets only. Default `auto`. */
  readonly bareHandles?: 'auto' | 'off';
  /**
   * Accepted connections are refused while more than this share of the process's descriptors is in use; 1 turns it off.
   * Default 0.7.
   */
  readonly overloadShare?: number;
  /** Accepted connections are refused from this descriptor number on, in place of a share of the limit. */
  readonly overloadDescriptor?: number;
  /**
   * Called before a connection is refused for want of descriptors. True lets it in: something else was closed for it. A later connection gets the
   * low number of what was closed. Default: nothing can be closed.
   */
  readonly makeRoom?: () => boolean;
  /** How many descriptors the process may open. Default: its soft limit where that is known. */
  readonly descriptorLimit?: number;
  /** For listeners that have no answer of their own. Default: none. */
  readonly overloadAnswer?: OverloadAnswer;
}

export interface NodeListenOptions extends ListenOptions {
  readonly overloadAnswer?: OverloadAnswer;
}

/** A connected net.Socket, TLSSocket or other Duplex, or the descriptor of a connected TCP socket. */
export type AdoptableSocket = Duplex | number;

export interface NodeTransport extends Transport, Resolver, Adopter<AdoptableSocket> {
  readonly name: 'node';
  /** Which way was found: see the head of this file. */
  readonly path: 'native' | 'handles' | 'sockets';
  /** Refused connections since the start. */
  readonly refused: number;
  listen(options: NodeListenOptions, sink: ListenerSink): Promise<Listener>;
  /**
   * A plain net.Socket is spent afterwards: it is destroyed, and tells its listeners so, while the connection lives on in
   * the endpoint. Listeners of any other Duplex must be gone before. The endpoint of a TLSSocket has its `secureSession`.
   */
  adopt(socket: AdoptableSocket, leftover?: Uint8Array): Endpoint;
}

export function createNodeTransport(options: NodeTransportOptions = {}): NodeTransport {
  return new NetTransport(options);
}

class NetTransport implements NodeTransport {
  readonly name = 'node';
  readonly path: NodeTransport['path'];
  refused = 0;
  readonly #share: EndpointShare;
  readonly #handles: HandleShare | null;
  readonly #refusals: Refusals;
  /** A descriptor of this number or above means overload. */
  readonly #overloadFd: number;
  readonly #overloadAnswer: OverloadAnswer | null;
  readonly #makeRoom: () => boolean;

  constructor(options: NodeTransportOptions) {
    const { pool = new Pool('transport-node'), overloadShare = 0.7 } = options;
    this.#share = { pool, afterwards: new Afterwards(pool), files: new FileChunkReader() };
    const internals = options.bareHandles === 'off' ? null : tcpInternals();
    const native = internals === null || options.nativeIo === 'off' ? null : nativeIo();
    this.#handles = internals === null ? null : new HandleShare(this.#share, internals, native);
    this.path = native !== null ? 'native' : internals !== null ? 'handles' : 'sockets';
    const limit = options.descriptorLimit ?? descriptorLimit();
    this.#overloadFd = options.overloadDescriptor ?? (overloadShare < 1 ? Math.floor(limit * overloadShare) : Infinity);
    this.#refusals = new Refusals(pool, this.#overloadFd, limit);
    this.#makeRoom = options.makeRoom ?? (() => false);
    this.#overloadAnswer = options.overloadAnswer ?? null;
  }

  listen(options: NodeListenOptions, sink: ListenerSink): Promise<Listener> {
    const answer = options.overloadAnswer ?? this.#overloadAnswer;
    return NodeListener.open(options, sink, {
      bare: this.#handles !== null,
      fromHandle: (handle) => this.#admit(handle.fd, this.#overHandle(handle, null), answer),
      fromSocket: (socket) => this.#admit(descriptorOf(socket), this.#overSocket(socket, null), answer),
    });
  }

  async connect(options: ConnectOptions): Promise<Endpoint> {
    return this.#overSocket(await connectSocket(options), null);
  }

  resolve(host: string, signal?: CancelSignal): Promise<readonly string[]> {
    return resolveHost(host, signal);
  }

  adopt(socket: AdoptableSocket, leftover?: Uint8Array): Endpoint {
    let stream: Duplex | null = null;
    try {
      stream = typeof socket === 'number' ? socketOf(socket) : socket;
      checkAdoptable(stream);
      const first = leftover === undefined || leftover.length === 0 ? null : Uint8Array.from(leftover);
      return this.#overSocket(stream, first);
    } catch (error) {
      if (stream !== null) drop(stream);
      throw failureOf('adopt', error);
    }
  }

  #overHandle(handle: TcpHandle, leftover: Uint8Array | null): Endpoint {
    return new HandleEndpoint(this.#handles as HandleShare, handle, leftover);
  }

  #overSocket(stream: Duplex, leftover: Uint8Array | null): Endpoint {
    if (stream instanceof TLSSocket) return new TlsSocketEndpoint(this.#share, stream, leftover);
    if (this.#handles === null || !(stream instanceof Socket)) return new SocketEndpoint(this.#share, stream, leftover);
    stream.pause();
    const buffered = stream.readableLength > 0 ? (stream.read() as Uint8Array | null) : null;
    const first = joined(leftover, buffered);
    const handle = takeHandle(stream);
    return handle === null ? new SocketEndpoint(this.#share, stream, first) : this.#overHandle(handle, first);
  }

  /** Lets an accepted connection in, or refuses it when descriptors run short. */
  #admit(fd: number, endpoint: Endpoint, answer: OverloadAnswer | null): Endpoint | null {
    if (fd < this.#overloadFd || this.#makeRoom()) return endpoint;
    this.refused++;
    this.#refusals.refuse(endpoint, fd, answer === null ? null : answer(endpoint.peer));
    return null;
  }
}

/** @throws after closing the descriptor, unless it is a connected TCP socket */
function socketOf(fd: number): Socket {
  let socket: Socket;
  try {
    socket = new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
  } catch (error) {
    closeAnyway(fd);
    throw error;
  }
  if (socket.remoteAddress !== undefined) return socket;
  drop(socket);
  throw new TransportError('adopt', 'closed', 'ENOTCONN', `descriptor ${fd} is not a connected TCP socket`);
}

function closeAnyway(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // it was not open
  }
}

/** @throws TransportError for a stream that moves no bytes, or not any more */
function checkAdoptable(stream: Duplex): void {
  const unconnected = stream instanceof Socket && (stream.pending || stream.readyState === 'closed');
  if (stream.destroyed || unconnected || stream.writableEnded) {
    throw new TransportError('adopt', 'closed', 'closed', 'the socket is not connected');
  }
  if (stream.readableEncoding !== null || stream.readableObjectMode || stream.writableObjectMode) {
    throw new TransportError('adopt', 'other', 'other', 'the stream gives or takes something else than bytes');
  }
}

/** Whoever made it is not to hear of this as an uncaught error. */
function drop(stream: Duplex): void {
  stream.on('error', ignore);
  stream.destroy();
}

function joined(first: Uint8Array | null, second: Uint8Array | null): Uint8Array | null {
  if (first === null || second === null) return first ?? second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** −1 where it cannot be known. */
function descriptorOf(socket: Socket): number {
  const { _handle: handle } = socket as unknown as { _handle: { fd?: number } | null };
  return handle?.fd ?? -1;
}
