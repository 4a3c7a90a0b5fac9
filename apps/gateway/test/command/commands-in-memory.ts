// A command listener on the network in memory, in virtual time, with a hub and nothing else of the gateway.

import { Pool } from '@sluice/brigade';
import { defaultTimeouts } from '@sluice/connection';
import { Hub, defaultTopicLimits, type HubOptions } from '@sluice/hub';
import { ConnectionRegistry, EventLoop } from '@sluice/supervision';
import type { PeerAddress, Transport } from '@sluice/transport';
import { MemoryNetwork } from '@sluice/transport-memory';
import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Layer from 'effect/Layer';
import * as Scope from 'effect/Scope';
import { commandListener } from '../../src/command/command-listener.ts';
import { CommandPeers } from '../../src/command/command-peers.ts';
import { defineMessageEncodings } from '../../src/command/message-encodings.ts';
import type { PeerRates } from '../../src/limits/peer-rates.ts';
import { MemoryClient } from '../in-memory/client.ts';

export interface CommandsOptions {
  readonly hub?: Partial<HubOptions>;
  readonly rates?: PeerRates;
  readonly network?: MemoryNetwork;
  readonly maxInFlight?: number;
  readonly idleTimeoutMs?: number;
  readonly outboundBytes?: number;
  /** Stands in front of the network's own. */
  readonly transport?: Transport;
  readonly peers?: CommandPeers;
  readonly wallClock?: () => number;
}

export class CommandsInMemory {
  readonly network: MemoryNetwork;
  readonly pool: Pool;
  readonly hub: Hub;
  readonly registry: ConnectionRegistry;
  readonly crashes: unknown[] = [];
  readonly closes: string[] = [];
  address!: PeerAddress;
  #scope = Effect.runSync(Scope.make());

  private constructor({ hub = {}, network = new MemoryNetwork({ seed: 1 }) }: CommandsOptions) {
    this.network = network;
    this.pool = new Pool('commands');
    this.hub = new Hub({ pool: this.pool, now: () => 1000, wallClock: () => 1000, random: () => 0.5, ...hub });
    this.registry = new ConnectionRegistry({
      onClosed: (_connection, reason) => void this.closes.push(reason),
      onCrash: (_connection, error) => void this.crashes.push(error),
    });
  }

  static async start(options: CommandsOptions = {}): Promise<CommandsInMemory> {
    const commands = new CommandsInMemory(options);
    const { hub, network, pool, registry } = commands;
    const { idleTimeoutMs = 0, maxInFlight = 64, outboundBytes = 64 * 1024, rates = null } = options;
    const listener = commandListener({
      transport: options.transport ?? network.transport,
      listen: { host: 'memory', port: 0 },
      registry,
      windows: { outboundBytes, outboundLowBytes: outboundBytes / 4, coalesceBytes: outboundBytes },
      timeouts: { ...defaultTimeouts, closeTimeoutMs: 500 },
      pool,
      maxConnections: 100,
      onTrouble: (error) => void commands.crashes.push(error),
      settings: { maxMessageBytes: 8064, maxInFlight, idleTimeoutMs },
      retryHint: () => 250,
      commands: {
        hub,
        encodings: defineMessageEncodings(hub),
        traffic: { messagesIn: 0, messagesOut: 0 },
        peers: options.peers ?? new CommandPeers([]),
        rates,
        wallClock: options.wallClock ?? (() => 0),
        limits: defaultTopicLimits,
        historyPageBytes: 100,
        maxSubscriptions: 3,
        maxReminders: 2,
      },
    });
    const loop = await Effect.runPromise(Layer.buildWithScope(EventLoop.virtual(network.clock), commands.#scope));
    const { address } = await Effect.runPromise(Scope.provide(Effect.provide(listener, loop), commands.#scope));
    commands.address = address;
    return commands;
  }

  /** A client that has been greeted. */
  connect(): MemoryClient {
    const client = MemoryClient.connect(this.network, this.address);
    this.pass(20);
    if (client.received !== 'OK\r\n') throw new Error(`no greeting: ${client.received}`);
    client.received = '';
    return client;
  }

  /** Lets so much virtual time pass. */
  pass(ms: number): void {
    const until = this.network.clock.now() + ms;
    this.network.clock.schedule(ms, () => {});
    this.network.run(() => this.network.clock.now() >= until);
  }

  /** Sends the text, and answers all that has come 20 ms later, which is taken. */
  ask(client: MemoryClient, text: string): string {
    client.send(text);
    this.pass(20);
    return this.take(client);
  }

  take(client: MemoryClient): string {
    const { received } = client;
    client.received = '';
    return received;
  }

  /** Sends one request and answers the body of its reply, which has to be OK and all that comes. */
  body(client: MemoryClient, line: string, body = '', ...headers: string[]): string {
    const reply = this.ask(client, request(line, 'q', body, ...headers));
    const match = /^OK\r\nSequence: q\r\nSize: (\d+)\r\n\r\n([^]*)$/.exec(reply);
    if (match === null || Buffer.byteLength(match[2]!, 'latin1') !== Number(match[1])) throw new Error(`no OK alone: ${reply}`);
    return match[2]!;
  }

  /** Sends one request and answers the text of its reply, which has to be ERR and all that comes. */
  error(client: MemoryClient, line: string, body = '', ...headers: string[]): string {
    const reply = this.ask(client, request(line, 'q', body, ...headers));
    const match = /^ERR: ([^\r]*)\r\nSequence: q\r\nSize: 0\r\n\r\n$/.exec(reply);
    if (match === null) throw new Error(`no ERR alone: ${reply}`);
    return match[1]!;
  }

  /** Ends everything; answers the bytes that somebody still holds. */
  async stop(): Promise<number> {
    await Effect.runPromise(Scope.close(this.#scope, Exit.void));
    this.hub.destroy();
    return this.pool.outstanding().bytes;
  }
}

export function request(line: string, sequence: string | number, body = '', ...headers: string[]): string {
  const size = body === '' ? [] : [`Size: ${Buffer.byteLength(body, 'latin1')}`];
  return `${[line, `Sequence: ${sequence}`, ...headers, ...size].join('\r\n')}\r\n\r\n${body}`;
}

export function ok(sequence: string | number, body = ''): string {
  return `OK\r\nSequence: ${sequence}\r\nSize: ${body.length}\r\n\r\n${body}`;
}

export function err(sequence: string | number, text: string): string {
  return `ERR: ${text}\r\nSequence: ${sequence}\r\nSize: 0\r\n\r\n`;
}
