// From a row's work to jobs for load generator processes: which paths, how many processes, which source addresses.

import type { Job, Target } from './load/job.ts';
import type { Work } from './rows.ts';

const perProcess = 5000;

/**
 * Loopback addresses to connect from, a different one each time: the ports of an address whose connections have just
 * been closed stay taken for a minute.
 */
export function* sourceAddresses(): Generator<string, never> {
  for (let n = 0; ; n = (n + 1) % 60_000) yield `127.${1 + ((n / 250) | 0)}.0.${2 + (n % 250)}`;
}

/** Name of the static file of that size. */
export function fileName(bytes: number): string {
  return `file-${bytes}.bin`;
}

function share(connections: number): number[] {
  const processes = Math.ceil(connections / perProcess);
  return Array.from({ length: processes }, (_, i) => Math.ceil((connections - i) / processes));
}

/** The jobs, one per process; a shared fan-out's publisher is the first. */
export function jobsFor(work: Work, port: number, addresses: Iterator<string, never>, secure = false): Job[] {
  const target = (): Target => ({ port, localAddress: addresses.next().value, secure });
  const request = (text: string): Job[] => [
    { ...target(), kind: 'request', request: text, connections: work.connections },
  ];
  switch (work.kind) {
    case 'echo':
      return [{ ...target(), ...work, path: '/echo' }];
    case 'watched':
      return jobsFor({ ...work, kind: 'fanout', inFlight: 1 }, port, addresses, secure);
    case 'fanout': {
      const shares = share(work.connections);
      return shares.map((connections, i) => {
        const role = shares.length === 1 ? 'alone' : i === 0 ? 'publisher' : 'subscriber';
        return { ...target(), ...work, connections, path: '/topics/bench', share: role };
      });
    }
    case 'publish':
      return request(
        `POST /topics/publish HTTP/1.1\r\nHost: bench\r\nContent-Type: text/plain\r\n` +
          `Content-Length: ${work.bytes}\r\n\r\n${'x'.repeat(work.bytes)}`,
      );
    case 'static':
      return request(`GET /${fileName(work.bytes)} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    case 'events':
      return [{ ...target(), ...work, path: '/topics/events' }];
    case 'idle':
      return share(work.connections).map((connections) => ({ ...target(), kind: 'idle', connections, path: '/topics/idle' }));
  }
}
