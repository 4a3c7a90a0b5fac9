// Names to addresses, by the system's own resolver (getaddrinfo: the hosts file, then DNS), IPv4 and IPv6 in its order.
//
// A look-up that is under way cannot be stopped: one that is given up goes on in its thread, and its answer is dropped.

import { lookup, type LookupAddress } from 'node:dns';
import { isIP } from 'node:net';
import { type CancelSignal, TransportError } from '@sluice/transport';
import { failureOf } from './failures.ts';

/** As `Resolver.resolve` of the contract. */
export function resolveHost(host: string, signal?: CancelSignal): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(givenUp());
      return;
    }
    if (isIP(host) !== 0) {
      resolve([host]);
      return;
    }
    const cancel = (): void => {
      signal?.removeEventListener('abort', cancel);
      reject(givenUp());
    };
    const answered = (error: Error | null, found: readonly LookupAddress[]): void => {
      signal?.removeEventListener('abort', cancel);
      if (error !== null) reject(failureOf('resolve', error));
      else if (found.length === 0) reject(new TransportError('resolve', 'notFound', 'ENOTFOUND', host));
      else resolve([...new Set(found.map(({ address }) => address))]);
    };
    signal?.addEventListener('abort', cancel);
    try {
      lookup(host, { all: true, order: 'verbatim' }, answered);
    } catch (error) {
      answered(error as Error, []); // not even a name
    }
  });
}

function givenUp(): TransportError {
  return new TransportError('resolve', 'closed');
}
