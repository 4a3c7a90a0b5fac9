// `openssl s_client`, as people and scripts use it: what it printed, and whether it was content with how the connection ended. It is
// not when it is reset, nor when the other side goes without a word (close_notify).

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { tied, tiedCommand } from './child-processes.ts';
import { patienceMs } from './patience.ts';

export interface OpensslOptions {
  readonly port: number;
  readonly ca: string;
  readonly identity?: { readonly cert: string; readonly key: string } | undefined;
  readonly version: 'tls1_2' | 'tls1_3';
  /** A file whose content it keeps sending, as fast as it can; without one it says nothing. */
  readonly sends?: string;
  /** Line ends of what it sends become CR LF, as they do for people who type. */
  readonly crlf?: boolean;
}

export interface OpensslRun {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
}

export function opensslClient({ port, ca, identity, version, sends, crlf = false }: OpensslOptions): Promise<OpensslRun> {
  const certificate = identity === undefined ? [] : ['-cert', identity.cert, '-key', identity.key];
  const trust = ['-CAfile', ca, '-verify_quiet', '-verify_return_error', '-servername', 'localhost'];
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, `-${version}`, '-quiet', ...(crlf ? ['-crlf'] : []), ...trust, ...certificate];
  const input = openSync(sends ?? '/dev/null', 'r');
  const child = tied(spawn(...tiedCommand('openssl', args), { stdio: [input, 'pipe', 'pipe'] }));
  closeSync(input);
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name]!.on('data', (data: Buffer) => (texts[name] += data.toString('latin1')));
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`openssl did not end: ${JSON.stringify(texts)}`));
    }, patienceMs());
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ ...texts, code });
    });
  });
}
