// A program on a terminal of its own, so that what is typed reaches it as from a keyboard: Ctrl-C signals its whole process group. By python3's pty,
// since Node has no pseudo-terminals.

import { spawn, spawnSync, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';

const program = `
import os, pty, select, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
typed = 0
while True:
  ready = select.select([terminal, typed] if typed is not None else [terminal], [], [])[0]
  if terminal in ready:
    try: data = os.read(terminal, 65536)
    except OSError: break
    if not data: break
    os.write(1, data)
  if typed in ready:
    data = os.read(typed, 65536)
    if data: os.write(terminal, data)
    else: typed = None
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

export const hasTerminals = spawnSync('python3', ['-c', 'import pty']).status === 0;

export class Terminal {
  readonly child: ChildProcessByStdio<Writable, Readable, null>;
  /** Everything that was shown, the program's two outputs together. */
  shown = '';
  readonly exit: Promise<number | null>;

  constructor(command: readonly string[], options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> }) {
    this.child = spawn('python3', ['-c', program, ...command], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
    });
    this.child.stdout.on('data', (data: Buffer) => (this.shown += data.toString()));
    this.exit = new Promise((done) => this.child.once('close', (code) => done(code)));
  }

  /** Waits until what is shown matches. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.shown);
      if (match !== null) return match;
      await Promise.race([once(this.child.stdout, 'data'), this.exit.then(() => Promise.reject(new Error(`it has ended: ${this.shown}`)))]);
    }
  }

  interrupt(): void {
    this.child.stdin.write('\x03');
  }
}
