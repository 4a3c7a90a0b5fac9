// A service manager's end of NOTIFY_SOCKET: a unix datagram socket, received by python3, since Node has none.

import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

const program = `
import json, os, socket, sys
address = sys.argv[1]
receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
receiver.bind("\\0" + address[1:] if address.startswith("@") else address)
if not address.startswith("@"): os.chmod(address, 0o777)
print('"bound"', flush=True)
while True: print(json.dumps(receiver.recv(65536).decode()), flush=True)
`;

export class DatagramReceiver {
  readonly address: string;
  readonly #directory: string;
  readonly #child: ChildProcessByStdio<null, Readable, null>;
  readonly #messages: string[] = [];
  #text = '';

  private constructor(kind: 'path' | 'abstract') {
    this.#directory = mkdtempSync(join(tmpdir(), 'sluice-notify-'));
    this.address = kind === 'path' ? join(this.#directory, 'notify') : `@${this.#directory}`;
    this.#child = spawn('python3', ['-c', program, this.address], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout.on('data', (data: Buffer) => {
      const lines = (this.#text + data.toString()).split('\n');
      this.#text = lines.pop()!;
      this.#messages.push(...lines.map((line) => JSON.parse(line) as string));
    });
  }

  static async start(kind: 'path' | 'abstract'): Promise<DatagramReceiver> {
    const receiver = new DatagramReceiver(kind);
    await receiver.next();
    return receiver;
  }

  /** The next message, once there is one. */
  async next(): Promise<string> {
    while (this.#messages.length === 0) await once(this.#child.stdout, 'data');
    return this.#messages.shift()!;
  }

  /** Nothing is received from now on: the socket's queue fills. */
  pause(): void {
    this.#child.kill('SIGSTOP');
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exit;
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
