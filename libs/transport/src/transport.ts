// Listening and connecting, the other half of the contract.

import type { Endpoint, PeerAddress } from './endpoint.ts';
import type { TransportError } from './errors.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 picks a free port; the listener's `address` tells which. */
  readonly port: number;
  /** Length of the kernel's queue of connections not accepted yet. Default 4096. */
  readonly backlog?: number;
  /** IPv6 only, where the host is `::`. Default false. */
  readonly ipv6Only?: boolean;
}

export interface ListenerSink {
  /** A peer connected. The callee attaches a sink to the endpoint, or closes it, before it returns. */
  onAccept(endpoint: Endpoint): void;
  /** Accepting failed (out of descriptors, say); the listener goes on. */
  onError(error: TransportError): void;
  /** The listener is gone: after `close()`, or with the error that ended it. */
  onClose(error: TransportError | null): void;
}

export interface Listener {
  readonly address: PeerAddress;
  /** Stops accepting. Endpoints already accepted live on. */
  close(): void;
}

export interface ConnectOptions {
  readonly host: string;
  readonly port: number;
}

export interface Transport {
  readonly name: string;
  /** Rejects with a `TransportError` of operation `listen`. */
  listen(options: ListenOptions, sink: ListenerSink): Promise<Listener>;
  /** Rejects with a `TransportError` of operation `connect` or `resolve`. */
  connect(options: ConnectOptions): Promise<Endpoint>;
}

/** A transport that also takes connections which something else accepted or made. */
export interface Adopter<Handle = unknown> {
  /**
   * Takes a connected socket over, with everything it still has to give. `leftover` is what was read from it already: it comes
   * first through `onBytes`; the endpoint copies it. The handle is the endpoint's from here on, also when this fails: then the
   * handle is closed.
   * @throws TransportError of operation `adopt`
   */
  adopt(handle: Handle, leftover?: Uint8Array): Endpoint;
}
