// Connecting: a net.Socket that is connected and paused, or a TransportError and nothing left open.
//
// An attempt is given up at any point, the look-up of the name included: destroying the socket closes whatever handle it is trying
// at that moment and stops its timers. The signal is not handed to the socket itself, which would obey it for good.

import { connect, type Socket } from 'node:net';
import { type ConnectOptions, TransportError } from '@sluice/transport';
import { failureOf } from './failures.ts';

export function connectSocket({ host, port, signal }: ConnectOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(givenUp());
      return;
    }
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true });
    const settled = (): void => {
      signal?.removeEventListener('abort', cancel);
      socket.removeListener('error', failed);
    };
    const failed = (error: Error): void => {
      settled();
      reject(failureOf('connect', error));
    };
    const cancel = (): void => {
      settled();
      socket.on('error', ignore); // what the attempt comes to is nobody's affair any more
      socket.destroy();
      reject(givenUp());
    };
    signal?.addEventListener('abort', cancel);
    socket.pause();
    socket.once('error', failed);
    socket.once('connect', () => {
      settled();
      resolve(socket);
    });
  });
}

function givenUp(): TransportError {
  return new TransportError('connect', 'closed');
}

function ignore(): void {}
