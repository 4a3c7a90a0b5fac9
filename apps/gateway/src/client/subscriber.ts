// Hears one topic, or a pattern of topics, without loss: it keeps the position behind the last message taken, and each new connection resumes
// from there. Over a WebSocket positions come in `sluice.v1` envelopes, over the command protocol in the heads of MSG.

import type { PublicationHead } from '@sluice/command';
import type { CommandClientHandler, CommandClientSession, OutboundContext, OutboundSession, WebSocketHandler, WebSocketSession } from '@sluice/connection';
import { envelopeProtocol } from '../topics/topic-socket.ts';
import { commandLink, webSocketLink, type LinkOptions, type LinkSessions } from './topic-link.ts';

export interface SubscriberEvents {
  /** The payload is lent for the call. False: no further message until `resume()`; what one read has brought may still come. */
  onMessage(topic: string, payload: Uint8Array): boolean;
  /** Publications are missing before the next message. */
  onGap(text: string): void;
  /** The gateway does not take the subscription, or says what cannot be understood. */
  onRejected(text: string): void;
}

/** What a `sluice.v1` socket sends: a publication, or a notice with a type. */
interface Envelope {
  readonly type?: string;
  readonly topic?: string;
  readonly epoch?: string;
  readonly offset?: number;
  readonly position?: string;
  readonly data?: string;
  readonly base64?: string;
  readonly tag?: string;
  readonly reason?: string;
  readonly missed?: number;
}

/** Where the first connection begins; a position comes before a number. */
export interface SubscriberStart {
  /** `EPOCH:OFFSET`; null: from now on. */
  readonly since: string | null;
  /** How many of the latest publications come first; 0 for none. */
  readonly history: number;
}

export class Subscriber implements LinkSessions {
  /** What the next connection resumes from; null: from now on. */
  position: string | null;
  readonly #history: number;
  readonly #link: LinkOptions;
  readonly #events: SubscriberEvents;
  #resume: (() => void) | null = null;

  constructor(link: LinkOptions, { since, history }: SubscriberStart, events: SubscriberEvents) {
    this.#link = link;
    this.position = since;
    this.#history = history;
    this.#events = events;
  }

  /** The one who answered false takes messages again. */
  resume(): void {
    this.#resume?.();
  }

  webSocket(context: OutboundContext): OutboundSession {
    const handler: WebSocketHandler = {
      onOpen: (socket) => void (this.#resume = () => socket.resume()),
      onMessage: (socket, _opcode, bytes, start, end) => this.#takeEnvelope(socket, Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start)),
      onWritable() {},
      onClose: () => void (this.#resume = null),
    };
    const query = this.position !== null ? `since=${encodeURIComponent(this.position)}` : this.#history > 0 ? `history=${this.#history}` : '';
    return webSocketLink(this.#link, context, { query, protocols: [envelopeProtocol] }, handler);
  }

  command(context: OutboundContext): OutboundSession {
    const handler: CommandClientHandler = {
      onOpen: (session) => this.#subscribe(session),
      onPublication: (session, head, bytes, start, end) => this.#takePublication(session, head, bytes.subarray(start, end)),
      onGap: (_session, gap) => {
        this.position = gap.header('position') ?? this.position;
        this.#events.onGap(gapText(gap.topic, gap.header('missed'), gap.header('reason')));
      },
      onWritable() {},
      onClose: () => void (this.#resume = null),
    };
    return commandLink(context, handler);
  }

  #takeEnvelope(socket: WebSocketSession, text: Buffer): boolean {
    let envelope: Envelope;
    try {
      envelope = JSON.parse(text.toString()) as Envelope;
    } catch {
      this.#events.onRejected('the server does not speak sluice.v1');
      socket.connection.abort('protocolError');
      return true;
    }
    const { type, topic = '', epoch, offset, data, base64, tag } = envelope;
    if (type === 'gap') {
      this.position = envelope.position ?? this.position;
      this.#events.onGap(gapText(topic, String(envelope.missed ?? ''), envelope.reason ?? null));
      return true;
    }
    if (epoch !== undefined && offset !== undefined) this.position = envelope.position ?? `${epoch}:${offset}`;
    if (type !== undefined) return true;
    const payload = base64 === undefined ? Buffer.from(data ?? '') : Buffer.from(base64, 'base64');
    return this.#events.onMessage(tag ?? topic, payload);
  }

  #subscribe(session: CommandClientSession): void {
    this.#resume = () => session.resume();
    const headers = this.position !== null ? ['Since', this.position] : this.#history > 0 ? ['History', String(this.#history)] : [];
    session.request(
      'SUBSCRIBE',
      [this.#link.topic],
      (reply, bytes, start, end) => {
        if (reply === null) return;
        if (!reply.ok) {
          this.#events.onRejected(reply.text);
          return;
        }
        const { epoch, offset } = JSON.parse(Buffer.from(bytes.subarray(start, end)).toString()) as Envelope;
        this.position ??= `${epoch}:${offset}`;
      },
      { headers },
    );
  }

  #takePublication(session: CommandClientSession, head: PublicationHead, payload: Uint8Array): void {
    const { topic, epoch, offset } = head;
    // A message by tag stands in no topic and moves no position.
    const position = head.header('position') ?? (epoch === '' ? null : `${epoch}:${offset}`);
    if (position !== null) this.position = position;
    if (!this.#events.onMessage(topic, payload)) session.pause();
  }
}

function gapText(topic: string, missed: string | null, reason: string | null): string {
  const count = missed === null || missed === '' ? 'messages' : `${missed} ${missed === '1' ? 'message' : 'messages'}`;
  return `${count} of ${topic} ${missed === '1' ? 'is' : 'are'} missing${reason === null || reason === '' ? '' : ` (${reason})`}`;
}
