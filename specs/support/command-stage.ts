// A gateway with a command listener over TLS and the clients of it: over real sockets, or in memory and virtual time. A client is
// a raw peer with a certificate: it says what it likes, and knows how its connection ended, to the byte.

import { readFileSync } from 'node:fs';
import { loadConfig } from '@sluice/gateway';
import { secureTransport, TlsClientContexts, type TlsClientOptions, type TlsEndpoint } from '@sluice/transport-tls';
import type { Connection } from '@sluice/connection';
import type { SecureSession, Transport } from '@sluice/transport';
import type { FaultPlan, LinkFaults } from '@sluice/transport-memory';
import { createNodeTransport } from '@sluice/transport-node';
import { expect } from 'vitest';
import { ok, readMessages, request, type WireMessage } from './command-wire.ts';
import type { MadeCertificate } from '@sluice/gateway/cert-maker';
import { RawPeer } from './raw-peer.ts';
import { runGateway, type RunningGateway } from './running-gateway.ts';
import { tlsSettings } from './secure.ts';
import { SimulatedGateway } from './simulated-gateway.ts';
import { patienceMs } from './patience.ts';

export const places = ['over sockets', 'in memory'] as const;
export type Place = (typeof places)[number];

export interface CommandStageOptions {
  readonly config?: Record<string, unknown>;
  readonly thumbprints?: readonly object[];
  /** In memory only. */
  readonly faults?: LinkFaults | FaultPlan;
  readonly seed?: number;
  readonly pipeBytes?: number;
}

/** What one read or one write of TLS needs of Node's loop, where its streams are in between. */
const turnsPerEvent = 6;
/** Virtual time costs little. */
const virtualPatienceMs = 240_000;

export class CommandStage {
  readonly running: RunningGateway;
  readonly #simulated: SimulatedGateway | null;
  readonly #transport: Transport;
  readonly #clients: CommandPeer[] = [];

  readonly #settings: Record<string, unknown>;

  private constructor(settings: Record<string, unknown>, running: RunningGateway, simulated: SimulatedGateway | null) {
    this.#settings = settings;
    this.running = running;
    this.#simulated = simulated;
    this.#transport = simulated?.network.transport ?? createNodeTransport();
  }

  static async start(place: Place, { config, thumbprints = [], ...simulation }: CommandStageOptions = {}): Promise<CommandStage> {
    const tls = { ...(await tlsSettings()), ...(config?.['tls'] as object) };
    const peers = { thumbprints, ...(config?.['commandPeers'] as object) };
    const settings = { command: ['127.0.0.1:0'], ...config, tls, commandPeers: peers };
    if (place === 'over sockets') return new CommandStage(settings, await runGateway({ config: settings }), null);
    const simulated = await SimulatedGateway.start({ seed: 1, ...simulation, config: settings });
    return new CommandStage(settings, simulated.running, simulated);
  }

  get address(): { host: string; port: number } {
    return this.running.gateway.command[0]!;
  }

  /** The gateway's clock. */
  get nowMs(): number {
    return this.#simulated === null ? Date.now() : Date.UTC(2026, 0, 1) + this.#simulated.nowMs;
  }

  /** Connected, and the handshake is over: well or not. */
  async connect(identity: MadeCertificate | null, options: TlsClientOptions | TlsClientContexts = {}): Promise<CommandPeer> {
    const contexts = options instanceof TlsClientContexts ? options : clientContexts(identity, options);
    const transport = secureTransport(this.#transport, { client: contexts });
    let peer: CommandPeer | null = null;
    let failure: unknown = null;
    transport.connect({ ...this.address, serverName: 'localhost' }).then(
      (endpoint) => (peer = new CommandPeer(this, endpoint)),
      (error: unknown) => (failure = error),
    );
    await this.until('it connects', () => peer !== null || failure !== null);
    if (peer === null) throw failure;
    const connected: CommandPeer = peer;
    this.#clients.push(connected);
    await this.until('the handshake ends', () => connected.session !== null || connected.isClosed);
    return connected;
  }

  /** A client that has been let in and greeted; the greeting is taken. */
  async greeted(identity: MadeCertificate | null, options: TlsClientOptions | TlsClientContexts = {}): Promise<CommandPeer> {
    const peer = await this.connect(identity, options);
    await this.until('the greeting', () => peer.received.length >= 4 || peer.isClosed);
    expect(peer.received).toBe('OK\r\n');
    peer.received = '';
    return peer;
  }

  /** As SIGHUP does, with other thumbprints and nothing else changed. */
  reload(thumbprints: readonly object[]): void {
    const file = JSON.stringify({ ...this.#settings, commandPeers: { ...(this.#settings['commandPeers'] as object), thumbprints } });
    const readFile = (path: string): string => (path === 'spec.json' ? file : readFileSync(path, 'utf8'));
    const loaded = loadConfig({ argv: ['--config', 'spec.json'], env: {}, readFile });
    if (!loaded.ok) throw new Error(loaded.problems[0]?.message);
    this.running.gateway.reload(loaded.config, loaded.tls);
  }

  /** The gateway's side of the latest connection to its command listener. */
  latest(): Connection {
    const latest = this.#connections().at(-1);
    if (latest === undefined) throw new Error('there is no command connection');
    return latest;
  }

  #connections(): Connection[] {
    return [...this.running.gateway.registry.all()].filter(({ session }) => session.protocol === 'command');
  }

  /** Turns the loop until the condition holds. */
  async until(what: string, condition: () => boolean, withinMs = virtualPatienceMs): Promise<void> {
    const deadline = performance.now() + patienceMs();
    if (this.#simulated === null) {
      while (!condition()) {
        if (performance.now() > deadline) throw new Error(`not within ${patienceMs()} ms: ${what}`);
        await endOfTurn();
      }
      return;
    }
    const { network } = this.#simulated;
    const latest = this.#simulated.nowMs + withinMs;
    let holds = false;
    await network.until(() => (holds = condition()) || network.clock.now() > latest || performance.now() > deadline, turns);
    if (!holds) throw new Error(`it never came to this: ${what}`);
  }

  /** Lets so much time pass; in memory it is virtual. */
  async pass(ms: number): Promise<void> {
    if (this.#simulated === null) {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return;
    }
    const { network } = this.#simulated;
    const until = network.clock.now() + ms;
    network.clock.schedule(ms, () => {});
    await network.until(() => network.clock.now() >= until, turns);
  }

  /** Ends clients and gateway, and finds nothing left of either. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.endpoint.abort();
    await this.until('the clients are gone', () => this.#clients.every(({ isClosed }) => isClosed) && this.#connections().length === 0);
    if (this.#simulated !== null) {
      await this.#simulated.stopAndCheck();
      return;
    }
    await this.running.stop();
    expect(this.running.gateway.pool.outstanding(), "the gateway's pool").toEqual({ bytes: 0, handles: 0 });
  }
}

export class CommandPeer extends RawPeer {
  session: SecureSession | null = null;
  readonly #stage: CommandStage;

  constructor(stage: CommandStage, endpoint: TlsEndpoint) {
    super(endpoint);
    this.#stage = stage;
  }

  onSecure(session: SecureSession): void {
    this.session = session;
  }

  /** Sends, and takes exactly so many bytes, which have to be these. */
  async answers(sent: string, expected: string): Promise<void> {
    this.send(sent);
    expect(await this.take(expected.length)).toBe(expected);
  }

  async take(length: number): Promise<string> {
    await this.#stage.until(`${length} bytes`, () => this.received.length >= length || this.isClosed);
    const taken = this.received.slice(0, length);
    this.received = this.received.slice(length);
    return taken;
  }

  /** The next whole message, taken. */
  async message(): Promise<WireMessage> {
    await this.#stage.until(`a message in place of ${JSON.stringify(this.received.slice(0, 100))}`, () => readMessages(this.received).messages.length > 0);
    const { messages } = readMessages(this.received);
    const [first] = messages as [WireMessage];
    const { length } = [first.line, ...[...first.headers].map(([name, value]) => `${name}: ${value}`), '', first.body].join('\r\n');
    this.received = this.received.slice(length);
    return first;
  }

  /** Makes one request, and answers the reply to it, which has to be the next message. */
  async ask(line: string, body = '', ...headers: readonly string[]): Promise<WireMessage> {
    this.send(request(line, 'ask', body, ...headers));
    const reply = await this.message();
    expect(reply.headers.get('Sequence')).toBe('ask');
    return reply;
  }

  /** PING and its reply: what was sent before has been dealt with. */
  async ping(): Promise<void> {
    await this.answers(request('PING', 'ping'), ok('ping'));
  }

  /** Everything until the end, which has to come in order: close_notify, and no reset. */
  async rest(): Promise<string> {
    await this.#stage.until('the end', () => this.isClosed);
    expect([this.hasEnded, this.error]).toEqual([true, null]);
    const { received } = this;
    this.received = '';
    return received;
  }
}

/** Servers are not what these clients doubt. */
export function clientContexts(identity: MadeCertificate | null, options: TlsClientOptions = {}): TlsClientContexts {
  return new TlsClientContexts({ rejectUnauthorized: false, ...(identity !== null && { identity }), ...options });
}

function endOfTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < turnsPerEvent; turn++) await endOfTurn();
}
