// What a transport brings to the suite: how to make one, how to drive its event loop, and what it can do besides.

import type { FileSource, Pool } from '@sluice/brigade';
import type { Adopter, Resolver, Transport } from '../transport.ts';
import type { PeerAddress } from '../endpoint.ts';

/** Sockets made without the transport, for adoption. */
export interface ForeignSockets<Handle = unknown> {
  readonly adopter: Adopter<Handle>;
  /** Connects to a listener of the transport and answers the raw socket, with nothing read from it. */
  connect(address: PeerAddress): Promise<Handle>;
  /** Makes the socket useless, so that adopting it fails. */
  destroy(handle: Handle): void;
}

/** One fresh transport, for one test. */
export interface TransportUnderTest {
  readonly transport: Transport;
  /** Turns the event loop until the condition holds (true) or it is clear that it never will (false). */
  until(condition: () => boolean): Promise<boolean>;
  /** Turns the event loop until everything that is under way has arrived. For tests that something does not happen. */
  settle(): Promise<void>;
  /** Opens a file of these bytes. */
  openFile(bytes: Uint8Array): FileSource | Promise<FileSource>;
  /** Pools of the transport's own, which have to be empty at the end. */
  readonly pools?: readonly Pool[];
  /** Sockets to adopt, when `adopts`. */
  readonly foreign?: ForeignSockets;
  /** Finds addresses, when there is a `knownHost`. */
  readonly resolver?: Resolver;
  /** When `failsAccepts`: the next connection is lost, and its listener is told. */
  readonly failNextAccept?: () => void;
  /** Gives everything back. */
  close(): void | Promise<void>;
}

export interface TransportSetUp {
  readonly name: string;
  open(): TransportUnderTest | Promise<TransportUnderTest>;
  /** Where to listen and connect. */
  readonly host: string;
  /** An IPv6 address of this host; `null` where there is none. */
  readonly ipv6Host: string | null;
  /** An address that is not this host's; `null` where any can be listened on. */
  readonly foreignHost: string | null;
  /** A name that cannot be resolved; `null` where the transport has no names. */
  readonly unknownHost: string | null;
  /** What can disappear in buffers below the transport, both ends together, while the receiver does not read. */
  readonly platformBufferBytes: number;
  /** The transport adopts sockets. */
  readonly adopts: boolean;
  /** Accepting can be made to fail. */
  readonly failsAccepts: boolean;
  /** Connecting can be given up by a signal. */
  readonly cancels?: boolean;
  /** A name that has addresses, where there is a resolver. */
  readonly knownHost?: string;
}
