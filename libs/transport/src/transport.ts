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
  /**
   * A listening socket that this process was started with (systemd's LISTEN_FDS): it is taken over instead of opening one for
   * `host` and `port`. A transport that cannot rejects with `adopt`.
   */
  readonly descriptor?: number;
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

/** Says that an attempt is given up. An `AbortSignal` is one. */
export interface CancelSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

export interface ConnectOptions {
  /** A name, which the transport resolves, or an address. */
  readonly host: string;
  readonly port: number;
  /** The name that `host` is an address of: a transport that encrypts asks its peer to prove it. Default: the host. */
  readonly serverName?: string;
  /** Gives the attempt up: it rejects with `connect` and `closed`, and what it had opened is closed. */
  readonly signal?: CancelSignal;
}

export interface Transport {
  readonly name: string;
  /** Rejects with a `TransportError` of operation `listen`. */
  listen(options: ListenOptions, sink: ListenerSink): Promise<Listener>;
  /** Rejects with a `TransportError` of operation `connect` or `resolve`. */
  connect(options: ConnectOptions): Promise<Endpoint>;
}

/** Finds the addresses of a name: what an outbound connection does first. */
export interface Resolver {
  /**
   * At least one address, the preferred first; an address is its own. Rejects with a `TransportError` of operation `resolve`, of
   * kind `closed` when the signal gave it up.
   */
  resolve(host: string, signal?: CancelSignal): Promise<readonly string[]>;
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
