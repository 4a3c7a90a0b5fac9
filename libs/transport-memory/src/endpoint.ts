// An endpoint over two pipes. Output waits in a brigade until the loop's next turn, so everything written in one turn leaves
// together; a read brings what has arrived. Each callback is an event of the virtual clock.
//
// An endpoint is open until something ends it; then `ending` says how, and one event finishes it: what is queued is released,
// the peer gets FIN or RST, and `onClose` is called.

import { Brigade, copyBytes, streamSource, streamType, type Bucket, type Pool } from '@sluice/brigade';
import type { VirtualClock } from '@sluice/timing';
import { TransportError, type Endpoint, type EndpointSink, type PeerAddress, type TransportOperation } from '@sluice/transport';
import type { MemorySocket } from './socket.ts';

const LARGEST_SEGMENT = 64 * 1024;
const scratch = new Uint8Array(LARGEST_SEGMENT);

type State = 'open' | 'ending' | 'closed';

export class MemoryEndpoint implements Endpoint {
  readonly peer: PeerAddress;
  readonly local: PeerAddress;
  bytesIn = 0;
  bytesOut = 0;
  queuedBytes = 0;
  readonly #clock: VirtualClock;
  readonly #socket: MemorySocket;
  readonly #queue: Brigade;
  /** Written when it was too late: released by the next event, so that SENT marks are not told from inside `write`. */
  readonly #refused: Brigade;
  readonly #flush = (): void => this.#onFlush();
  readonly #read = (): void => this.#onRead();
  #sink: EndpointSink | null = null;
  #state: State = 'open';
  #reading = false;
  #readScheduled = false;
  #flushScheduled = false;
  #endDelivered = false;
  #shut: 'no' | 'wanted' | 'sent' = 'no';
  /** The stream at the front of the queue that has promised to say when it is readable. */
  #awaited: Bucket | null = null;

  constructor(clock: VirtualClock, pool: Pool, socket: MemorySocket) {
    socket.own();
    this.#clock = clock;
    this.#socket = socket;
    this.peer = socket.peer;
    this.local = socket.local;
    this.#queue = new Brigade(pool);
    this.#refused = new Brigade(pool);
    socket.inbound.onArrival = () => {
      this.#scheduleRead();
      if (socket.inbound.wasReset && (!this.#queue.isEmpty || this.#shut === 'wanted')) this.#scheduleFlush();
    };
    socket.outbound.onRoom = () => this.#scheduleFlush();
  }

  attach(sink: EndpointSink): void {
    if (this.#sink !== null) throw new Error('an endpoint is attached once');
    this.#sink = sink;
  }

  setReading(wanted: boolean): void {
    this.#reading = wanted;
    this.#scheduleRead();
  }

  write(brigade: Brigade): void {
    brigade.setaside();
    if (this.#state !== 'open' || this.#shut !== 'no') {
      if (this.#refused.isEmpty && !brigade.isEmpty) this.#clock.schedule(0, () => this.#refused.destroy(notSent()));
      this.#refused.concat(brigade);
      return;
    }
    for (let index = 0; index < brigade.count; index++) this.queuedBytes += Math.max(0, brigade.at(index).length);
    this.#queue.concat(brigade);
    this.#scheduleFlush();
  }

  shutdown(): void {
    if (this.#shut !== 'no') return;
    this.#shut = 'wanted';
    this.#scheduleFlush();
  }

  close(): void {
    this.#end(null, this.#socket.inbound.available > 0);
  }

  abort(): void {
    this.#end(null, true);
  }

  #scheduleRead(): void {
    if (this.#readScheduled || !this.#reading || this.#state !== 'open') return;
    const { inbound } = this.#socket;
    if (inbound.available === 0 && !inbound.wasReset && (!inbound.ended || this.#endDelivered)) return;
    this.#readScheduled = true;
    this.#clock.schedule(inbound.readDelayMs, this.#read);
  }

  #onRead(): void {
    this.#readScheduled = false;
    if (!this.#reading || this.#state !== 'open' || this.#sink === null) return;
    const { inbound } = this.#socket;
    if (inbound.available > 0) {
      inbound.take();
      this.bytesIn += inbound.end - inbound.start;
      this.#sink.onBytes(inbound.bytes, inbound.start, inbound.end);
      this.#scheduleRead();
    } else if (inbound.wasReset) {
      this.#fail('read');
    } else if (inbound.ended && !this.#endDelivered) {
      this.#endDelivered = true;
      this.#sink.onEnd();
      this.#endIfDone();
    }
  }

  #scheduleFlush(): void {
    if (this.#flushScheduled || this.#state !== 'open') return;
    this.#flushScheduled = true;
    this.#clock.schedule(0, this.#flush);
  }

  #onFlush(): void {
    this.#flushScheduled = false;
    if (this.#state !== 'open') return;
    if (this.#socket.inbound.wasReset) {
      this.#fail('write');
      return;
    }
    const before = this.bytesOut;
    while (this.#isOpen() && this.#writeSome());
    if (this.#isOpen() && this.bytesOut > before) this.#sink?.onProgress();
    if (!this.#isOpen() || this.#shut !== 'wanted' || !this.#queue.isEmpty) return;
    this.#shut = 'sent';
    this.#socket.outbound.finish();
    this.#endIfDone();
  }

  /** Hands one segment over, and tells the marks behind it. False when there is nothing to do, or something to wait for. */
  #writeSome(): boolean {
    const queue = this.#queue;
    queue.consume(0);
    const first = queue.first();
    if (first === null || !this.#isOpen()) return false;
    const { outbound } = this.#socket;
    const room = outbound.writable();
    if (room === 0) return false;
    if (first.bytes === null) {
      const piece = this.#readSource(first);
      if (piece !== 'read') return piece === 'ended';
    }
    const length = queue.gather(scratch, 0, Math.min(room, LARGEST_SEGMENT));
    outbound.push(copyBytes(scratch, 0, length));
    this.bytesOut += length;
    this.queuedBytes -= length;
    queue.consume(length);
    if (length < room) return true;
    // A full or a short write: the rest is for a later turn.
    this.#scheduleFlush();
    return false;
  }

  /** Brings the first piece of the file or stream at the front into memory. */
  #readSource(first: Bucket): 'read' | 'ended' | 'stopped' {
    const isStream = first.type === streamType;
    let piece: ReturnType<Brigade['read']>;
    try {
      piece = this.#queue.read(0);
    } catch (error) {
      this.#end(new TransportError('write', 'sourceFailed', 'sourceFailed', error instanceof Error ? error.message : ''), true);
      return 'stopped';
    }
    if (piece === 'truncated') {
      this.#end(new TransportError('write', 'sourceFailed', 'sourceFailed', 'the file ended before its bucket'), true);
      return 'stopped';
    }
    if (piece === 'end') return 'ended';
    if (piece === 'wouldBlock') {
      this.#awaitStream(first);
      return 'stopped';
    }
    if (isStream) this.queuedBytes += piece.length;
    return 'read';
  }

  #awaitStream(stream: Bucket): void {
    if (this.#awaited === stream) return;
    this.#awaited = stream;
    streamSource(stream).onReadable(() => {
      if (this.#awaited === stream) this.#awaited = null;
      this.#scheduleFlush();
    });
  }

  #endIfDone(): void {
    if (this.#endDelivered && this.#shut === 'sent') this.#end(null, false);
  }

  /** The peer has reset the connection: nobody is there to be told. */
  #fail(operation: TransportOperation): void {
    this.#end(new TransportError(operation, 'connectionReset'), false);
  }

  #end(error: TransportError | null, withReset: boolean): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#clock.schedule(0, () => this.#finish(error, withReset));
  }

  #finish(error: TransportError | null, withReset: boolean): void {
    const { inbound, outbound } = this.#socket;
    this.#state = 'closed';
    this.#awaited = null;
    inbound.refuse();
    outbound.onRoom = null;
    if (withReset) outbound.reset();
    else outbound.finish();
    this.queuedBytes = 0;
    try {
      this.#queue.destroy(error ?? notSent());
    } finally {
      this.#sink?.onClose(error);
    }
  }

  #isOpen(): boolean {
    return this.#state === 'open';
  }
}

function notSent(): TransportError {
  return new TransportError('write', 'closed');
}
