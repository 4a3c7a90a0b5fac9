// The transport over node:net. Picks, once, the best way this Node and platform have, and makes listeners and endpoints of it:
//
//     handles  Node's TCP handles bare: less memory, one call per read        (any Node that has them as we know them)
//     native   send(2) and sendfile(2) straight from JavaScript on top of it  (Node 26 on Linux)
//     neither  public net.Sockets                                             (anywhere)

import { connect as connectSocket, Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { Pool } from '@sluice/brigade';
import { TransportError } from '@sluice/transport';
import type {
  Adopter,
  ConnectOptions,
  Endpoint,
  Listener,
  ListenerSink,
  ListenOptions,
  PeerAddress,
  Transport,
} from '@sluice/transport';
import { Afterwards } from './afterwards.ts';
import type { EndpointShare } from './endpoint-core.ts';
import { failureOf } from './failures.ts';
import { FileChunkReader } from './file-chunks.ts';
import { HandleEndpoint, HandleShare } from './handle-endpoint.ts';
import { NodeListener } from './listener.ts';
import { nativeIo } from './native-io.ts';
import { descriptorLimit, Refusals } from './overload.ts';
import { SocketEndpoint } from './socket-endpoint.ts';
import { takeHandle, type TcpHandle, tcpInternals } from './tcp-handle.ts';

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

export interface NodeTransport extends Transport, Adopter<AdoptableSocket> {
  readonly name: 'node';
  /** Which way was found: see the head of this file. */
  readonly path: 'native' | 'handles' | 'sockets';
  /** Refused connections since the start. */
  readonly refused: number;
  listen(options: NodeListenOptions, sink: ListenerSink): Promise<Listener>;
  /**
   * A plain net.Socket is spent afterwards: it is destroyed, and tells its listeners so, while the connection lives on in
   * the endpoint. Listeners of any other Duplex must be gone before.
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

  constructor(options: NodeTransportOptions) {
    const { pool = new Pool('transport-node'), overloadShare = 0.7 } = options;
    this.#share = { pool, afterwards: new Afterwards(pool), files: new FileChunkReader() };
    const internals = options.bareHandles === 'off' ? null : tcpInternals();
    const native = internals === null || options.nativeIo === 'off' ? null : nativeIo();
    this.#handles = internals === null ? null : new HandleShare(this.#share, internals, native);
    this.path = native !== null ? 'native' : internals !== null ? 'handles' : 'sockets';
    const limit = options.descriptorLimit ?? descriptorLimit();
    this.#overloadFd = overloadShare < 1 ? Math.floor(limit * overloadShare) : Infinity;
    this.#refusals = new Refusals(pool, limit - this.#overloadFd);
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

  connect(options: ConnectOptions): Promise<Endpoint> {
    return new Promise((resolve, reject) => {
      const socket = connectSocket({ ...options, noDelay: true, allowHalfOpen: true });
      const refused = (error: Error): void => reject(failureOf('connect', error));
      socket.pause();
      socket.once('error', refused);
      socket.once('connect', () => {
        socket.removeListener('error', refused);
        resolve(this.#overSocket(socket, null));
      });
    });
  }

  adopt(socket: AdoptableSocket, leftover?: Uint8Array): Endpoint {
    const copied = leftover === undefined || leftover.length === 0 ? null : Uint8Array.from(leftover);
    if (typeof socket !== 'number') return this.#adoptStream(socket, copied);
    let opened: Socket;
    try {
      opened = new Socket({ fd: socket, readable: true, writable: true, allowHalfOpen: true });
    } catch (error) {
      throw failureOf('adopt', error);
    }
    return this.#adoptStream(opened, copied);
  }

  #adoptStream(stream: Duplex, leftover: Uint8Array | null): Endpoint {
    const connecting = stream instanceof Socket && (stream.connecting || stream.readyState === 'closed');
    if (stream.destroyed || connecting || stream.writableEnded) {
      stream.destroy();
      throw new TransportError('adopt', 'closed', 'closed', 'the socket is not connected');
    }
    return this.#overSocket(stream, leftover);
  }

  #overHandle(handle: TcpHandle, leftover: Uint8Array | null): Endpoint {
    return new HandleEndpoint(this.#handles as HandleShare, handle, leftover);
  }

  #overSocket(stream: Duplex, leftover: Uint8Array | null): Endpoint {
    if (this.#handles === null || !(stream instanceof Socket)) return new SocketEndpoint(this.#share, stream, leftover);
    stream.pause();
    const buffered = stream.readableLength > 0 ? (stream.read() as Uint8Array | null) : null;
    const first = joined(leftover, buffered);
    const handle = takeHandle(stream);
    return handle === null ? new SocketEndpoint(this.#share, stream, first) : this.#overHandle(handle, first);
  }

  /** Lets an accepted connection in, or refuses it when descriptors run short. */
  #admit(fd: number, endpoint: Endpoint, answer: OverloadAnswer | null): Endpoint | null {
    if (fd < this.#overloadFd) return endpoint;
    this.refused++;
    this.#refusals.refuse(endpoint, answer === null ? null : answer(endpoint.peer));
    return null;
  }
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
