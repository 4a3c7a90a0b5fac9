// `sluice pub` and `sluice sub` without a process: streams in memory, against a gateway on the network in memory, all in one virtual time.

import { PassThrough, Writable } from 'node:stream';
import { MemoryNetwork, MemoryResolver } from '@sluice/transport-memory';
import type { ClientIo } from '../../src/client/client-io.ts';
import type { ClientRuntime } from '../../src/client/runtime.ts';
import type { Host } from '../../src/cli/host.ts';
import { pub } from '../../src/cli/pub.ts';
import type { ExitStatus } from '../../src/cli/run.ts';
import { sub } from '../../src/cli/sub.ts';
import { GatewayInMemory, type Files } from '../in-memory/gateway.ts';
import { endOfTurn } from '../log/lines.ts';

/** Keeps what is written; `hold()` makes it a reader that takes nothing. */
export class Screen extends Writable {
  text = '';
  #isHeld = false;
  #waiting: (() => void) | null = null;

  constructor() {
    super({ highWaterMark: 1024 });
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    if (this.#isHeld) this.#waiting = done;
    else done();
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#waiting?.();
    this.#waiting = null;
  }

  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
}

export class ClientProcess {
  readonly stdin = new PassThrough();
  readonly out = new Screen();
  readonly err = new Screen();
  status: ExitStatus | null = null;
  interrupt: () => void = () => {};
  readonly done: Promise<void>;

  constructor(run: (io: ClientIo, host: Host) => Promise<ExitStatus>, { env = {}, files = {}, isTerminal = false }: ProcessOptions) {
    const io: ClientIo = {
      stdin: this.stdin,
      stdout: this.out,
      stderr: this.err,
      isOutTerminal: isTerminal,
      isErrorTerminal: isTerminal,
      onInterrupt: (listener) => {
        this.interrupt = listener;
        return () => (this.interrupt = () => {});
      },
    };
    const host: Host = {
      argv: [],
      env,
      directoryProblem: () => null,
      readFile: (path) => {
        if (!Object.hasOwn(files, path)) throw new Error(`ENOENT: ${path}`);
        return files[path]!;
      },
      columns: 80,
      version: () => '0',
      print: (text) => void this.out.write(text),
      printError: (text) => void this.err.write(text),
    };
    this.done = run(io, host).then((status) => void (this.status = status));
  }
}

export interface ProcessOptions {
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string>;
  readonly isTerminal?: boolean;
}

export const protocols = ['ws', 'command'] as const;
export type Protocol = (typeof protocols)[number];

export class ClientStage {
  readonly gateway: GatewayInMemory;
  readonly runtime: ClientRuntime;

  private constructor(gateway: GatewayInMemory) {
    this.gateway = gateway;
    const { network, loop } = gateway;
    const { clock } = network;
    let random = 1;
    this.runtime = {
      clock,
      wheel: loop.wheel,
      turn: loop.turn,
      transport: network.transport,
      resolver: new MemoryResolver(clock).script('localhost', { addresses: ['::1', '127.0.0.1'] }),
      randomBytes: (count) => Uint8Array.from({ length: count }, () => (random = (random * 75 + 74) % 65_537) & 0xff),
      random: () => 0.5,
      every: (intervalMs, callback) => loop.every(intervalMs, callback),
      after: (delayMs, callback) => void clock.schedule(delayMs, callback),
    };
  }

  static async start(settings: Record<string, unknown> = {}, files: Files = {}): Promise<ClientStage> {
    const network = new MemoryNetwork({ seed: 1 });
    return new ClientStage(await GatewayInMemory.start({ command: ['127.0.0.1:0'], ...settings }, network, network.transport, files));
  }

  url(protocol: Protocol): string {
    const address = protocol === 'ws' ? this.gateway.gateway.http[0]! : this.gateway.gateway.command[0]!;
    return `${protocol}://${address.host}:${address.port}`;
  }

  pub(protocol: Protocol, argv: readonly string[], options: ProcessOptions = {}): ClientProcess {
    return new ClientProcess((io, host) => pub(['--url', this.url(protocol), ...argv], host, io, this.runtime), options);
  }

  sub(protocol: Protocol, argv: readonly string[], options: ProcessOptions = {}): ClientProcess {
    return new ClientProcess((io, host) => sub(['--url', this.url(protocol), ...argv], host, io, this.runtime), options);
  }

  /** Runs until the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    if (!(await this.gateway.network.until(condition, endOfTurn))) throw new Error('nothing is left to happen');
  }

  /** As `until`, while TLS is at work, which has turns of its own that the network knows nothing of. */
  async untilSecure(condition: () => boolean): Promise<void> {
    for (let turn = 0; turn < 20_000; turn++) {
      await endOfTurn();
      if (condition()) return;
      this.gateway.network.step();
    }
    throw new Error('no end after 20,000 turns');
  }

  async ended(process: ClientProcess): Promise<ExitStatus> {
    await this.until(() => process.status !== null);
    return process.status!;
  }

  /** A subscriber that hears from now on. */
  async hearing(protocol: Protocol, argv: readonly string[], options: ProcessOptions = {}): Promise<ClientProcess> {
    const { hub } = this.gateway.gateway;
    const topic = argv[0]!;
    const before = hub.presenceCount(topic);
    const process = this.sub(protocol, argv, options);
    await this.until(() => hub.presenceCount(topic) > before);
    return process;
  }

  /** Every connection breaks, as if the network did. */
  breakConnections(): void {
    for (const connection of this.gateway.gateway.registry.all()) connection.abort();
  }

  async pass(ms: number): Promise<void> {
    const { clock } = this.gateway.network;
    const until = clock.now() + ms;
    clock.schedule(ms, () => {});
    await this.until(() => clock.now() >= until);
  }

  publish(topic: string, text: string): void {
    const bytes = Buffer.from(text);
    this.gateway.gateway.hub.publish(topic, bytes, 0, bytes.length, 'text');
  }
}
