// A WebSocket on a topic: what the peer sends is published, what is published (its own messages too) is sent to it.
//
// Without a sub-protocol, messages are the payloads as they are. With `sluice.v1` the server's messages are JSON envelopes
// with topic, epoch and offset, and notices tell of gaps and of the position to resume from.

import type { CloseReason, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import { HubError, type EvictReason, type Gap, type Hub, type Member, type Publication, type Subscriber } from '@sluice/hub';
import { Opcode, type MessageOpcode } from '@sluice/websocket';
import { frameSlot, type Encodings } from './encodings.ts';
import { gapDocument } from './gap-document.ts';
import { locateStart, type Start } from './start.ts';
import { closeCodeOf } from '../refusals/close-code.ts';
import type { TrafficCounters } from '../admin/traffic.ts';

export const envelopeProtocol = 'sluice.v1';

export interface TopicSocketOptions {
  readonly hub: Hub;
  readonly encodings: Encodings;
  readonly traffic: TrafficCounters;
  /** A topic, or a pattern with wildcards: then the socket only receives. */
  readonly pattern: string;
  readonly publishes: boolean;
  /** The client asked for a socket that only receives, or its token may not publish. */
  readonly isReadOnly: boolean;
  readonly start: Start;
  /** Checked already. */
  readonly tags: readonly string[];
  readonly envelopes: boolean;
}

export class TopicSocket implements WebSocketHandler, Subscriber {
  readonly #options: TopicSocketOptions;
  #socket!: WebSocketSession;
  #member: Member | null = null;

  constructor(options: TopicSocketOptions) {
    this.#options = options;
  }

  get id(): string {
    return String(this.#socket.connection.id);
  }

  get info(): unknown {
    return { protocol: 'websocket' };
  }

  get topics(): readonly string[] {
    return [this.#options.pattern];
  }

  get tags(): readonly string[] {
    return this.#options.tags;
  }

  onOpen(socket: WebSocketSession): void {
    const { hub, pattern, start, tags, envelopes } = this.#options;
    this.#socket = socket;
    const member = hub.join(this);
    this.#member = member;
    for (const tag of tags) member.addTag(tag);
    // What a client can resume from before its first message. With a replay ahead that is where it begins, not where the hub is:
    // a break in the middle would lose the rest.
    const { position, isResumed, options } = locateStart(hub, pattern, start);
    if (envelopes) this.#notify({ type: isResumed ? 'resumed' : 'subscribed', ...position });
    member.subscribe(pattern, options);
  }

  onMessage(socket: WebSocketSession, opcode: MessageOpcode, bytes: Uint8Array, start: number, end: number): boolean {
    const { hub, pattern, publishes, isReadOnly, traffic } = this.#options;
    if (isReadOnly) {
      socket.close(closeCodeOf(403), 'this socket is read-only', 'refused');
      return true;
    }
    if (!publishes) {
      socket.close(1008, 'a subscription with wildcards cannot publish', 'refused');
      return true;
    }
    traffic.messagesIn++;
    try {
      hub.publish(pattern, bytes, start, end, opcode === Opcode.Text ? 'text' : 'binary');
    } catch (error) {
      if (!(error instanceof HubError) || error.fault !== 'peer') throw error;
      socket.close(1008, error.code, 'refused');
    }
    return true;
  }

  onWritable(): void {
    this.#member?.resumeAll();
  }

  onClose(_socket: WebSocketSession, _reason: CloseReason): void {
    this.#member?.leave();
    this.#member = null;
  }

  deliver(publication: Publication): boolean {
    const { encodings, envelopes, publishes, traffic } = this.#options;
    const enveloped = publishes ? encodings.envelope : encodings.hubEnvelope;
    const slots = envelopes ? enveloped : encodings.frame;
    const slot = frameSlot(slots, publication, this.#socket.engine.deflateWindowBits);
    if (!this.#socket.sendShared(publication.encoding(slot))) return false;
    traffic.messagesOut++;
    return true;
  }

  gap(gap: Gap): void {
    if (this.#options.envelopes) this.#notify({ type: 'gap', ...gapDocument(gap) });
  }

  evict(reason: EvictReason): void {
    this.#member = null;
    const { connection } = this.#socket;
    if (reason === 'failed') connection.reject('internalError');
    else if (reason === 'slowConsumer' || reason === 'gap') connection.reject('slowConsumer');
    else connection.drain();
  }

  #notify(notice: Readonly<Record<string, unknown>>): void {
    const text = Buffer.from(JSON.stringify(notice));
    this.#socket.send(Opcode.Text, text, 0, text.length);
  }
}
