// A listening socket whose queue of connections is full: the kernel drops what comes to it, and connecting to it comes to nothing, neither
// an answer nor a refusal. Its thread listens, and then never turns its event loop again.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Worker } from 'node:worker_threads';

const listening = `
  const { createServer } = require('node:net');
  const { parentPort, workerData } = require('node:worker_threads');
  createServer().listen({ ...workerData, backlog: 1 }, () => {
    parentPort.postMessage('listening');
    setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
  });
`;

export class FullListener {
  readonly #thread: Worker;
  readonly #waiting: readonly Socket[];

  private constructor(thread: Worker, waiting: readonly Socket[]) {
    this.#thread = thread;
    this.#waiting = waiting;
  }

  static async open(host: string, port: number): Promise<FullListener> {
    const thread = new Worker(listening, { eval: true, workerData: { host, port } });
    await once(thread, 'message');
    // Linux queues one more than it is asked for.
    const waiting = [connect({ host, port }), connect({ host, port })];
    for (const socket of waiting) socket.on('error', () => {});
    await Promise.all(waiting.map((socket) => once(socket, 'connect')));
    return new FullListener(thread, waiting);
  }

  async close(): Promise<void> {
    for (const socket of this.#waiting) socket.destroy();
    await this.#thread.terminate();
  }
}
