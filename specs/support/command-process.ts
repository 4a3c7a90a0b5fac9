// A gateway as a process, with a command listener over TLS and its settings in a file; and a client of it on node:tls.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import type { MadeCertificate } from '@sluice/gateway/cert-maker';
import { readMessages, type WireMessage } from './command-wire.ts';
import { GatewayProcess } from './gateway-process.ts';
import { eventually } from './running-gateway.ts';
import { tlsSettings } from './secure.ts';
import { WirePeer } from './wire-peer.ts';

export class CommandProcess {
  readonly gateway: GatewayProcess;
  readonly #directory: string;
  /** Of the command listener. */
  readonly port: number;
  readonly adminUrl: string;

  private constructor(gateway: GatewayProcess, directory: string, [command, admin]: readonly string[]) {
    this.gateway = gateway;
    this.#directory = directory;
    this.port = Number(new URL(command!).port);
    this.adminUrl = admin!;
  }

  static async start(settings: Record<string, unknown>): Promise<CommandProcess> {
    const directory = mkdtempSync(join(tmpdir(), 'sluice-command-'));
    await write(directory, settings);
    const gateway = new GatewayProcess(['--config', fileIn(directory)]);
    let over = false;
    void gateway.exit.then(() => (over = true));
    await eventually('it listens', () => gateway.stdout.includes('\n') || over);
    const match = /^listening command (tls:\/\/\S+)\/ admin (http:\S+)\/\n$/.exec(gateway.stdout);
    if (match !== null) return new CommandProcess(gateway, directory, match.slice(1));
    await gateway.kill();
    throw new Error(`not a ready line: ${gateway.stdout}${gateway.stderr}`);
  }

  /** Writes the settings anew and sends SIGHUP; resolves when the gateway has dealt with it. */
  async reload(settings: Record<string, unknown>): Promise<void> {
    const reloads = (): number => this.gateway.lines.filter(({ message }) => String(message).startsWith('configuration ')).length;
    const before = reloads();
    await write(this.#directory, settings);
    this.gateway.signal('SIGHUP');
    await eventually('the reload is logged', () => reloads() > before);
  }

  /** A client that has done its handshake. */
  async connect(identity: MadeCertificate): Promise<{ readonly socket: TLSSocket; readonly peer: WirePeer }> {
    const { certificate: cert, key } = identity;
    const options = { port: this.port, host: '127.0.0.1', servername: 'localhost', cert, key, rejectUnauthorized: false, allowHalfOpen: true };
    const socket = connect(options);
    await new Promise<void>((resolve, reject) => socket.once('secureConnect', resolve).once('error', reject));
    return { socket, peer: WirePeer.over(socket) };
  }

  /** One that has been greeted. */
  async greeted(identity: MadeCertificate): Promise<WirePeer> {
    const { peer } = await this.connect(identity);
    const greeting = await takeText(peer, 4);
    if (greeting !== 'OK\r\n') throw new Error(`not greeted: ${greeting}`);
    return peer;
  }

  async kill(): Promise<void> {
    await this.gateway.kill();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function fileIn(directory: string): string {
  return join(directory, 'gateway.json');
}

async function write(directory: string, settings: Record<string, unknown>): Promise<void> {
  const file = { http: [], command: ['127.0.0.1:0'], admin: '127.0.0.1:0', tls: await tlsSettings(), ...settings };
  writeFileSync(fileIn(directory), JSON.stringify(file));
}

export function takeText(peer: WirePeer, length: number): Promise<string> {
  return peer.take(`${length} bytes`, (bytes) => (bytes.length < length ? null : { value: bytes.toString('latin1', 0, length), length }));
}

/** The next whole message. */
export function takeMessage(peer: WirePeer): Promise<WireMessage> {
  return peer.take('a message', (bytes) => {
    const text = bytes.toString('latin1');
    const [first] = readMessages(text).messages;
    if (first === undefined) return null;
    return { value: first, length: text.indexOf('\r\n\r\n') + 4 + first.body.length };
  });
}
