// A transport whose listeners take connections of trusted proxies only, each with a PROXY header in front, and hand them out as the clients'
// once that header has been read. TLS comes on top: the header is in the clear.
//
// Whoever waits for its header is counted, bounded, and has a deadline in the timing wheel.

import type { Clock, TimingWheel } from '@sluice/timing';
import type { ConnectOptions, Endpoint, Listener, ListenerSink, ListenOptions, PeerAddress, Transport } from '@sluice/transport';
import { ProxiedEndpoint, type HeaderOwner } from './endpoint.ts';

export interface ProxyProtocolOptions {
  readonly clock: Clock;
  readonly wheel: TimingWheel;
  /** Time a connection has for its header, in ms. */
  readonly headerTimeoutMs: number;
  /** Whether a peer's header counts. Others are closed before anything of them is read. */
  readonly isTrusted: (host: string) => boolean;
  /** A connection was closed for want of a header, or of trust. */
  readonly onRefused: (peer: PeerAddress, why: string) => void;
  /** Bytes of the longest header of version 2, TLVs included. */
  readonly maxHeaderBytes?: number;
  /** Connections of one listener that wait for their header at a time; those beyond are closed. */
  readonly maxWaiting?: number;
}

/** Addresses take 36 bytes, and what proxies add (names, TLS facts) some hundred. The protocol itself allows 65,551. */
export const defaultMaxHeaderBytes = 4096;
export const defaultMaxWaiting = 4096;

export function proxyProtocolTransport(inner: Transport, options: ProxyProtocolOptions): Transport {
  return {
    name: `PROXY protocol over ${inner.name}`,
    connect: (connectOptions: ConnectOptions) => inner.connect(connectOptions),
    listen: async (listenOptions: ListenOptions, sink: ListenerSink): Promise<Listener> => {
      const intake = new HeaderIntake(options, sink);
      const listener = await inner.listen(listenOptions, {
        onAccept: (endpoint) => intake.accept(endpoint),
        onError: (error) => sink.onError(error),
        onClose: (error) => {
          intake.close();
          sink.onClose(error);
        },
      });
      return {
        address: listener.address,
        close: () => {
          intake.close();
          listener.close();
        },
      };
    },
  };
}

/** Those of one listener who wait for their header. */
class HeaderIntake implements HeaderOwner {
  readonly maxHeaderBytes: number;
  readonly #options: ProxyProtocolOptions;
  readonly #maxWaiting: number;
  readonly #sink: ListenerSink;
  readonly #waiting = new Set<ProxiedEndpoint>();

  constructor(options: ProxyProtocolOptions, sink: ListenerSink) {
    this.#options = options;
    this.#sink = sink;
    this.maxHeaderBytes = options.maxHeaderBytes ?? defaultMaxHeaderBytes;
    this.#maxWaiting = options.maxWaiting ?? defaultMaxWaiting;
  }

  accept(endpoint: Endpoint): void {
    const { clock, wheel, headerTimeoutMs, isTrusted, onRefused } = this.#options;
    const { peer } = endpoint;
    const isKnown = isTrusted(peer.host);
    if (!isKnown || this.#waiting.size >= this.#maxWaiting) {
      endpoint.close();
      onRefused(peer, isKnown ? 'too many connections wait for their PROXY header' : 'it is none of trustedProxies');
      return;
    }
    const proxied = new ProxiedEndpoint(endpoint, this);
    this.#waiting.add(proxied);
    wheel.arm(proxied, 'handshake', clock.now() + headerTimeoutMs);
  }

  onHeader(endpoint: ProxiedEndpoint): void {
    this.onGone(endpoint);
    this.#sink.onAccept(endpoint);
  }

  onRefused(endpoint: ProxiedEndpoint, why: string): void {
    this.onGone(endpoint);
    this.#options.onRefused(endpoint.peer, why);
  }

  onGone(endpoint: ProxiedEndpoint): void {
    this.#options.wheel.cancel(endpoint, 'handshake');
    this.#waiting.delete(endpoint);
  }

  /** Nobody is accepted any more. */
  close(): void {
    for (const endpoint of this.#waiting) {
      this.onGone(endpoint);
      endpoint.close();
    }
  }
}
