// The gateway as the process that operators run: built, started with flags, watched by what it prints, ended by signals.

import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { tied, tiedCommand } from './child-processes.ts';

const workspace = resolve(import.meta.dirname, '../..');
/** What `sluice` runs. */
export const gatewayScript = resolve(workspace, 'apps/gateway/dist/main.js');

/** Compiles what is out of date. */
export async function buildGateway(): Promise<void> {
  await promisify(execFile)('npm', ['run', '-s', 'build', '-w', '@sluice/gateway'], { cwd: workspace });
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GatewayProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another Node than the one that runs the specs. */
  readonly node?: string;
  readonly cwd?: string;
  /** Another script than the built gateway, and what goes before it. */
  readonly script?: readonly string[];
  /** How many descriptors it may open. Default: as many as this process. */
  readonly descriptors?: number;
}

export class GatewayProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  /** What it printed so far. */
  stdout = '';
  stderr = '';
  readonly exit: Promise<Exit>;
  /** Without a slash at the end; there once `ready` has resolved. */
  url = '';
  adminUrl = '';
  /** Every address of the ready line; what it is for stands before its scheme: `https`, `command tls`, `admin http`. */
  readonly addresses: { readonly scheme: string; readonly url: string }[] = [];

  constructor(args: readonly string[], { env = {}, node = process.execPath, cwd, script = [gatewayScript], descriptors }: GatewayProcessOptions = {}) {
    const command = [node, ...script, ...args];
    const limited = descriptors === undefined ? command : ['/bin/sh', '-c', `ulimit -n ${descriptors} && exec "$0" "$@"`, ...command];
    this.child = tied(spawn(...tiedCommand(limited[0]!, limited.slice(1)), { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env }, ...(cwd !== undefined && { cwd }) }));
    this.child.stderr.on('data', (data: Buffer) => (this.stderr += data.toString()));
    this.child.stdout.on('data', (data: Buffer) => (this.stdout += data.toString()));
    this.exit = new Promise((done) => this.child.once('close', (code, signal) => done({ code, signal })));
  }

  /** Starts one on free ports and waits until it listens. */
  static async start(args: readonly string[] = [], options: GatewayProcessOptions = {}): Promise<GatewayProcess> {
    const started = new GatewayProcess(['--http', '127.0.0.1:0', '--admin', '127.0.0.1:0', ...args], options);
    await started.ready();
    return started;
  }

  /** Waits for the line that says where it listens. */
  async ready(): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (this.stdout.includes('\n')) resolve();
          else this.child.stdout.once('data', look);
        };
        look();
      }),
      this.exit.then(({ code }) => Promise.reject(new Error(`exit ${code}: ${this.stderr}`))),
    ]);
    const [, listed] = /^listening ((?:(?:command |admin )?[a-z]+:\/\/\S+\/ ?)+)\n$/.exec(this.stdout) ?? [];
    if (listed === undefined) throw new Error(`not a ready line: ${this.stdout}`);
    for (const [, kind = '', scheme, rest] of listed.matchAll(/(command |admin )?([a-z]+)(:\/\/\S+)\/(?: |$)/g)) {
      this.addresses.push({ scheme: kind + scheme, url: scheme + rest! });
    }
    this.url = this.addresses.find(({ scheme }) => scheme.startsWith('http'))?.url ?? '';
    this.adminUrl = this.addresses.find(({ scheme }) => scheme.startsWith('admin'))?.url ?? '';
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Lines of the log so far. Each must be JSON. */
  get lines(): Record<string, unknown>[] {
    return this.stderr
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Signals until it has ended: a second signal counts once it no longer follows at once upon the first. */
  async signalUntilExit(signal: NodeJS.Signals): Promise<Exit> {
    // Once it has said that it stopped, the runtime takes itself down and listens to no signal any more.
    const repeat = setInterval(() => this.stderr.includes('"message":"stopped"') || this.child.kill(signal), 100);
    try {
      return await this.exit;
    } finally {
      clearInterval(repeat);
    }
  }

  /** Resident memory in bytes, by the kernel's word (Linux). */
  residentBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
  }

  /** Ends it, whatever it does; for the end of a spec. */
  async kill(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL');
    await this.exit;
  }
}
