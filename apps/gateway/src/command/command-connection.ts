// What a command connection means to the gateway: its peer is judged by its certificate, its requests act on the hub, and what it
// subscribed to is sent to it between the replies.

import type { CloseReason, CommandHandler, CommandSession } from '@sluice/connection';
import type { RequestHead } from '@sluice/command';
import {
  HubError,
  assertPattern,
  formatPosition,
  hasWildcard,
  isHubPosition,
  parsePosition,
  type EvictReason,
  type Gap,
  type Hub,
  type Member,
  type Position,
  type Publication,
  type Subscriber,
  type Subscription,
  type TopicLimits,
} from '@sluice/hub';
import type { SecureSession } from '@sluice/transport';
import type { TrafficCounters } from '../admin/traffic.ts';
import type { PeerRate, PeerRates } from '../limits/peer-rates.ts';
import { defaultHistoryPage, defaultPresencePage, historyDocument, maxPage, pageSize } from '../topics/history-page.ts';
import { payloadKind } from '../topics/payload-kind.ts';
import { locateStart } from '../topics/start.ts';
import type { CommandPeers } from './command-peers.ts';
import { commandOf, helpText, usageOf, type CommandRequest } from './commands.ts';
import { judge } from './judge.ts';
import type { MessageEncodings } from './message-encodings.ts';
import { Reminders } from './reminders.ts';

export interface CommandConnectionOptions {
  readonly hub: Hub;
  readonly encodings: MessageEncodings;
  readonly traffic: TrafficCounters;
  readonly peers: CommandPeers;
  /** Null where requests are not limited. */
  readonly rates: PeerRates | null;
  /** Milliseconds since 1970: certificates are judged by it. */
  readonly wallClock: () => number;
  /** Of topics' names. */
  readonly limits: TopicLimits;
  /** Payload bytes of one page of history, which is never more than half a MiB; one publication may be larger. */
  readonly historyPageBytes: number;
  readonly maxSubscriptions: number;
  /** Of one connection at the same time. */
  readonly maxReminders: number;
}

/** With its JSON a page stays below what clients take in one message (1 MiB), unless most of it is escapes. */
const maxHistoryPageBytes = 512 * 1024;
const maxReminderSeconds = 86_400;
/** Characters of what the peer sent that an error repeats. */
const maxQuoted = 200;
const going = 'The connection ends before that time.';

export class CommandConnection implements CommandHandler, Subscriber {
  readonly #options: CommandConnectionOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  #session!: CommandSession;
  #rate: PeerRate | null = null;
  #member: Member | null = null;
  #reminders: Reminders | null = null;

  constructor(options: CommandConnectionOptions) {
    this.#options = options;
  }

  // As a subscriber of the hub

  get id(): string {
    return String(this.#session.connection.id);
  }

  get info(): unknown {
    const { peerName } = this.#session;
    return { protocol: 'command', ...(peerName !== null && { name: peerName }) };
  }

  get topics(): readonly string[] {
    return [...this.#subscriptions.keys()];
  }

  /** The command protocol has none to ask for; a program that holds the hub may give some. */
  get tags(): readonly string[] {
    return this.#member?.tags ?? [];
  }

  deliver(publication: Publication, subscription: Subscription | null): boolean {
    const { encodings, traffic } = this.#options;
    const isWide = subscription !== null && hasWildcard(subscription.pattern);
    if (!this.#session.sendShared(publication.encoding(isWide ? encodings.hubMessage : encodings.message))) return false;
    traffic.messagesOut++;
    return true;
  }

  gap(gap: Gap, { pattern }: Subscription): void {
    this.#session.sendGap(gap.topic === '' ? pattern : gap.topic, [
      'Reason',
      gap.reason,
      ...(gap.missed < 0 ? [] : ['Missed', String(gap.missed)]),
      ...(gap.oldestOffset === 0 ? [] : ['Oldest-Offset', String(gap.oldestOffset)]),
      ...(gap.epoch === '' ? [] : ['Epoch', gap.epoch]),
      'Position',
      formatPosition(gap.position),
    ]);
  }

  evict(reason: EvictReason): void {
    this.#member = null;
    this.#subscriptions.clear();
    const { connection } = this.#session;
    if (reason === 'failed') connection.reject('internalError');
    else if (reason === 'slowConsumer' || reason === 'gap') connection.reject('slowConsumer');
    else connection.drain();
  }

  // As the session's handler

  admit(session: CommandSession, secure: SecureSession | null): string | null {
    this.#session = session;
    if (secure === null) return null;
    const verdict = judge(secure.peerCertificate, this.#options.peers, this.#options.wallClock());
    if (!verdict.admitted) return verdict.text;
    session.peerName = verdict.name;
    return null;
  }

  onOpen(session: CommandSession): void {
    this.#rate = this.#options.rates?.hold(session.connection.endpoint.peer.host) ?? null;
  }

  onRequest(session: CommandSession, head: RequestHead, bytes: Uint8Array, start: number, end: number): void {
    const { sequence, command: name } = head;
    const { rates } = this.#options;
    if (rates !== null && this.#rate !== null && !rates.takeMessage(this.#rate)) {
      session.fail(sequence, rates.messageRefusal);
      return;
    }
    const command = commandOf(name);
    if (command === undefined) {
      session.fail(sequence, `Unknown command ${quoted(name)}; HELP tells which there are.`);
      return;
    }
    const { args } = head;
    if (args.length < command.minArgs || args.length > command.maxArgs) {
      session.fail(sequence, `Usage: ${usageOf(command)}`);
      return;
    }
    try {
      command.run(this, { sequence, args, head, bytes, start, end });
    } catch (error) {
      if (!(error instanceof HubError) || error.fault !== 'peer') throw error;
      session.fail(sequence, `${quoted(error.detail[0]!.toUpperCase() + error.detail.slice(1))}.`);
    }
  }

  onWritable(): void {
    this.#member?.resumeAll();
  }

  onDrain(session: CommandSession): void {
    this.#leave();
    this.#reminders?.cancel((sequence) => session.fail(sequence, going));
  }

  onClose(_session: CommandSession, _reason: CloseReason): void {
    this.#leave();
    this.#reminders?.cancel(() => {});
    if (this.#rate !== null) this.#options.rates?.release(this.#rate);
    this.#rate = null;
  }

  // The commands

  ping({ sequence }: CommandRequest): void {
    this.#session.reply(sequence);
  }

  echo({ sequence, args, bytes, start, end }: CommandRequest): void {
    if (end > start) this.#session.reply(sequence, bytes, start, end);
    else this.#replyText(sequence, args.join(' '));
  }

  publish({ sequence, args, head, bytes, start, end }: CommandRequest): void {
    const { hub, traffic } = this.#options;
    traffic.messagesIn++;
    const kind = payloadKind(head.header('content-type'), bytes, start, end);
    const { offset, epoch } = hub.publish(args[0]!, bytes, start, end, kind);
    this.#replyText(sequence, JSON.stringify({ offset, epoch }));
  }

  /** The reply comes before anything that is replayed; so everything that could be wrong is looked at before. */
  subscribe({ sequence, args, head }: CommandRequest): void {
    const { hub, limits, maxSubscriptions } = this.#options;
    const pattern = args[0]!;
    assertPattern(pattern, limits);
    const since = this.#since(sequence, head, pattern);
    if (since === null) return;
    const history = pageSize(head.header('history'), 0);
    if (history === null) {
      this.#session.fail(sequence, `History is a whole number from 1 to ${maxPage}.`);
    } else if (this.#subscriptions.has(pattern)) {
      this.#session.fail(sequence, 'There is a subscription of that already.');
    } else if (this.#subscriptions.size >= maxSubscriptions) {
      this.#session.fail(sequence, `A connection may have ${maxSubscriptions} subscriptions.`);
    } else {
      const member = (this.#member ??= hub.join(this));
      // What to resume from before the first message: with a replay ahead, where that begins.
      const { position, options } = locateStart(hub, pattern, { since, history });
      this.#replyText(sequence, JSON.stringify(position));
      this.#subscriptions.set(pattern, member.subscribe(pattern, options));
    }
  }

  unsubscribe({ sequence, args }: CommandRequest): void {
    const pattern = args[0]!;
    const subscription = this.#subscriptions.get(pattern);
    if (subscription === undefined) {
      this.#session.fail(sequence, 'There is no subscription of that.');
      return;
    }
    this.#subscriptions.delete(pattern);
    subscription.unsubscribe();
    this.#session.reply(sequence);
  }

  history({ sequence, args, head }: CommandRequest): void {
    const topic = args[0]!;
    const since = this.#since(sequence, head, topic);
    if (since === null) return;
    const limit = this.#limit(sequence, head, defaultHistoryPage);
    if (limit === null) return;
    const { hub, historyPageBytes } = this.#options;
    const query = since === undefined ? { limit } : { since, limit };
    this.#replyText(sequence, JSON.stringify(historyDocument(hub, topic, query, Math.min(historyPageBytes, maxHistoryPageBytes))));
  }

  presence({ sequence, args, head }: CommandRequest): void {
    const limit = this.#limit(sequence, head, defaultPresencePage);
    if (limit === null) return;
    this.#replyText(sequence, JSON.stringify(this.#options.hub.presence(args[0]!, limit)));
  }

  remind({ sequence, args }: CommandRequest): void {
    const [seconds, ...text] = args;
    const { maxReminders } = this.#options;
    const { clock, wheel } = this.#session.connection.host;
    if (!/^\d{1,5}(?:\.\d{1,3})?$/.test(seconds!) || Number(seconds) > maxReminderSeconds) {
      this.#session.fail(sequence, `Seconds are a number from 0 to ${maxReminderSeconds}.`);
      return;
    }
    this.#reminders ??= new Reminders(clock, wheel, (due, words) => this.#remember(due, words));
    if (this.#reminders.size >= maxReminders) this.#session.fail(sequence, `A connection may wait for ${maxReminders} reminders.`);
    else this.#reminders.add(Number(seconds) * 1000, sequence, text.join(' '));
  }

  help({ sequence }: CommandRequest): void {
    this.#replyText(sequence, helpText());
  }

  quit({ sequence }: CommandRequest): void {
    this.#session.reply(sequence);
    this.#session.connection.finish('served');
  }

  /** A reminder's time has come. The timing wheel calls, and is to notice nothing of what fails here. */
  #remember(sequence: string, text: string): void {
    try {
      this.#replyText(sequence, text);
    } catch (error) {
      this.#session.connection.crash(error);
    }
  }

  #replyText(sequence: string, text: string): void {
    this.#session.reply(sequence, Buffer.from(text));
  }

  /** The position that Since names; undefined without one, null when it was refused. */
  #since(sequence: string, head: RequestHead, pattern: string): Position | undefined | null {
    const text = head.header('since');
    if (text === null || text === '') return undefined;
    const position = parsePosition(text);
    if (position !== null && (isHubPosition(position) || !hasWildcard(pattern))) return position;
    const problem = position === null ? 'Since is EPOCH:OFFSET.' : `${position.epoch} counts one topic, and the pattern may be many.`;
    this.#session.fail(sequence, problem);
    return null;
  }

  #limit(sequence: string, head: RequestHead, fallback: number): number | null {
    const limit = pageSize(head.header('limit'), fallback);
    if (limit === null) this.#session.fail(sequence, `Limit is a whole number from 1 to ${maxPage}.`);
    return limit;
  }

  #leave(): void {
    this.#member?.leave();
    this.#member = null;
    this.#subscriptions.clear();
  }
}

/** What the peer sent, cut where it is long: a line has an end. */
function quoted(text: string): string {
  return text.length <= maxQuoted ? text : `${text.slice(0, maxQuoted).toWellFormed()}…`;
}
