// An endpoint that reads the proxy's header first, and is the client's from then on: its `peer` is the client, `via` the proxy.
//
//     inner.onBytes ─▶ header ──complete──▶ owner.onHeader ─▶ the sink attaches ─▶ what followed the header, and everything after
//                         └─────failure, end, time-out──▶ owner.onRefused, closed
//
// Invariant: `held` is not null only while the sink does not read, and then the inner endpoint is not read either.

import { copyBytes, type Brigade } from '@sluice/brigade';
import type { DeadlineOwner } from '@sluice/timing';
import { NO_DEADLINE } from '@sluice/timing';
import type { Endpoint, EndpointSink, PeerAddress, TransportError } from '@sluice/transport';
import { readHeader, type ProxyHeader } from './header.ts';

/** Who waits for the header. */
export interface HeaderOwner {
  /** Bytes of the longest header that is taken. */
  readonly maxHeaderBytes: number;
  /** The header has been read: somebody attaches to the endpoint, or closes it, before this returns. */
  onHeader(endpoint: ProxiedEndpoint): void;
  /** There was no sound header. The endpoint is closed. */
  onRefused(endpoint: ProxiedEndpoint, why: string): void;
  /** The proxy has hung up before its header was complete. */
  onGone(endpoint: ProxiedEndpoint): void;
}

const nothing = new Uint8Array(0);

export class ProxiedEndpoint implements Endpoint, EndpointSink, DeadlineOwner {
  firstDeadline = NO_DEADLINE;
  peer: PeerAddress;
  via: PeerAddress | undefined = undefined;
  readonly #inner: Endpoint;
  /** Null once the header has been read. */
  #owner: HeaderOwner | null;
  /** Of the header, as far as it has come in more than one piece. */
  #collected: Uint8Array = nothing;
  #headerBytes = 0;
  #sink: EndpointSink | null = null;
  #reading = false;
  /** What followed the header, while the sink did not read. */
  #held: Uint8Array | null = null;
  #isHandingOut = false;
  #isClosed = false;

  constructor(inner: Endpoint, owner: HeaderOwner) {
    this.#inner = inner;
    this.#owner = owner;
    this.peer = inner.peer;
    inner.attach(this);
    inner.setReading(true);
  }

  get local(): PeerAddress {
    return this.#inner.local;
  }

  get queuedBytes(): number {
    return this.#inner.queuedBytes;
  }

  /** Without the header. */
  get bytesIn(): number {
    return this.#inner.bytesIn - this.#headerBytes - (this.#held?.length ?? 0);
  }

  get bytesOut(): number {
    return this.#inner.bytesOut;
  }

  attach(sink: EndpointSink): void {
    if (this.#sink !== null) throw new Error('an endpoint is attached once');
    this.#sink = sink;
  }

  setReading(wanted: boolean): void {
    if (wanted === this.#reading || this.#isClosed) return;
    this.#reading = wanted;
    // While it is handed out, the rest of what arrived with the header is still to come.
    if (this.#isHandingOut) return;
    if (this.#held === null) this.#inner.setReading(wanted);
    else if (wanted) process.nextTick(resume, this);
  }

  write(brigade: Brigade): void {
    this.#inner.write(brigade);
  }

  shutdown(): void {
    this.#inner.shutdown();
  }

  close(): void {
    this.#drop();
    this.#inner.close();
  }

  abort(): void {
    this.#drop();
    this.#inner.abort();
  }

  // What the inner endpoint tells

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (this.#isClosed) return;
    if (this.#owner === null) this.#sink?.onBytes(bytes, start, end);
    else if (this.#collected.length === 0) this.#look(this.#owner, bytes, start, end);
    else {
      const joined = new Uint8Array(this.#collected.length + end - start);
      joined.set(this.#collected);
      joined.set(bytes.subarray(start, end), this.#collected.length);
      this.#look(this.#owner, joined, 0, joined.length);
    }
  }

  onEnd(): void {
    if (this.#owner === null) this.#sink?.onEnd();
    else this.#refuse(this.#owner, 'it ended before its PROXY header did');
  }

  onProgress(): void {
    this.#sink?.onProgress();
  }

  onClose(error: TransportError | null): void {
    const owner = this.#owner;
    this.#owner = null;
    this.#drop();
    if (owner !== null) owner.onGone(this);
    const sink = this.#sink;
    this.#sink = null;
    sink?.onClose(error);
  }

  /** The header takes too long. */
  onTimeout(): void {
    if (this.#owner !== null) this.#refuse(this.#owner, 'no PROXY header came in time');
  }

  /** Goes on with what was held. For the event loop. */
  resume(): void {
    const held = this.#held;
    if (held === null || !this.#reading || this.#isClosed) return;
    this.#held = null;
    this.#sink?.onBytes(held, 0, held.length);
    if (this.#reading && !this.#isClosed) this.#inner.setReading(true);
  }

  #look(owner: HeaderOwner, bytes: Uint8Array, start: number, end: number): void {
    const header = readHeader(bytes, start, end, owner.maxHeaderBytes);
    if (header === null) this.#collected = copyBytes(bytes, start, end);
    else if (typeof header === 'string') this.#refuse(owner, header);
    else this.#handOut(owner, header, bytes, start + header.length, end);
  }

  #handOut(owner: HeaderOwner, { source, length }: ProxyHeader, bytes: Uint8Array, start: number, end: number): void {
    if (source !== null) {
      this.via = this.peer;
      this.peer = source;
    }
    this.#owner = null;
    this.#collected = nothing;
    this.#headerBytes = length;
    this.#isHandingOut = true;
    try {
      owner.onHeader(this);
    } finally {
      this.#isHandingOut = false;
    }
    if (this.#isClosed) return;
    if (start < end && this.#reading) this.#sink?.onBytes(bytes, start, end);
    else if (start < end) this.#held = copyBytes(bytes, start, end);
    if (!this.#reading && !this.#isClosed) this.#inner.setReading(false);
  }

  #refuse(owner: HeaderOwner, why: string): void {
    this.#owner = null;
    this.close();
    owner.onRefused(this, why);
  }

  #drop(): void {
    this.#isClosed = true;
    this.#reading = false;
    this.#held = null;
    this.#collected = nothing;
  }
}

function resume(endpoint: ProxiedEndpoint): void {
  endpoint.resume();
}
