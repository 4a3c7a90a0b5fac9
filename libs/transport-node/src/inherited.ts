// A listening socket that this process was started with: looked at before it is taken, so that a wrong number is said to be one, and
// a file or a terminal that happens to have it is left alone.

import { fstatSync } from 'node:fs';
import { TransportError } from '@sluice/transport';

/** @throws TransportError of operation `adopt` for what is not an open socket */
export function checkInherited(fd: number): void {
  let isSocket: boolean;
  try {
    isSocket = fstatSync(fd).isSocket();
  } catch (error) {
    throw notListening(fd, 'EBADF', (error as NodeJS.ErrnoException).code === 'EBADF' ? 'is not open' : String(error));
  }
  if (!isSocket) throw notListening(fd, 'ENOTSOCK', 'is not a socket');
}

/** What Node said when it was to listen on it: not a TCP socket, or a connected one. */
export function inheritedFailure(fd: number, error: unknown): TransportError {
  const { code = 'EINVAL', message } = error as NodeJS.ErrnoException;
  return notListening(fd, code, `cannot be listened on: ${message}`);
}

/** A socket of another family: of a path (AF_UNIX). */
export function notTcp(fd: number): TransportError {
  return notListening(fd, 'EAFNOSUPPORT', 'is a listening socket, but not one of TCP');
}

function notListening(fd: number, code: string, what: string): TransportError {
  return new TransportError('adopt', 'other', code, `descriptor ${fd} ${what}`);
}
