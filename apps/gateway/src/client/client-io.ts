// What the client commands touch of their process beside the network: the three streams and the signals.

import type { Readable, Writable } from 'node:stream';

export interface ClientIo {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly stderr: Writable;
  readonly isOutTerminal: boolean;
  readonly isErrorTerminal: boolean;
  /** SIGINT and SIGTERM, until what it answers is called. */
  onInterrupt(listener: () => void): () => void;
}

export function processIo(): ClientIo {
  const { stdin, stdout, stderr } = process;
  return {
    stdin,
    stdout,
    stderr,
    isOutTerminal: stdout.isTTY === true,
    isErrorTerminal: stderr.isTTY === true,
    onInterrupt(listener) {
      process.on('SIGINT', listener);
      process.on('SIGTERM', listener);
      return () => {
        process.off('SIGINT', listener);
        process.off('SIGTERM', listener);
      };
    },
  };
}
