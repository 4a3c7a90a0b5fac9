// The server side of the measurements, in a process of its own: an echo, or a fan-out of whatever the first sender of a
// message sends. Output is coalesced per turn as a connection does it. Started by measure.ts.

import { Brigade, fileBucket, FileHandleRef, Pool, shareBytes } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { createNodeTransport, type NodeTransportOptions } from '../src/index.ts';

const variants: Record<string, NodeTransportOptions> = {
  native: {},
  handles: { nativeIo: 'off' },
  sockets: { bareHandles: 'off' },
};

const [variant, mode, file] = process.argv.slice(2);
const pool = new Pool('bench');
const transport = createNodeTransport({ ...variants[variant], pool });
const receivers: Receiver[] = [];
const dirty: Receiver[] = [];
const handle = file === undefined ? null : openFile(file);

function openFile(path: string): FileHandleRef {
  const fd = openSync(path, 'r');
  const source = {
    fd,
    readSync: (into: Uint8Array, start: number, length: number, position: number) => readSync(fd, into, start, length, position),
    close: () => closeSync(fd),
  };
  return new FileHandleRef(pool, source, fstatSync(fd).size);
}

function flush(): void {
  for (const receiver of dirty) receiver.endpoint.write(receiver.output);
  dirty.length = 0;
}

class Receiver implements EndpointSink {
  readonly endpoint: Endpoint;
  readonly output = new Brigade(pool);

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
  }

  touch(): void {
    if (!this.output.isEmpty) return;
    if (dirty.length === 0) process.nextTick(flush);
    dirty.push(this);
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    if (mode === 'fan-out') {
      for (let at = start; at < end; at += 64) {
        const frame = shareBytes(pool, bytes, at, at + 64);
        for (const receiver of receivers) {
          if (receiver === this) continue;
          receiver.touch();
          receiver.output.append(frame.retain());
        }
        frame.release();
      }
      return;
    }
    this.touch();
    if (handle === null) this.output.write(bytes, start, end);
    else {
      this.output.writeLatin1('HTTP/1.1 200 OK\r\nContent-Length: 0000000000\r\n\r\n');
      this.output.append(fileBucket(handle, 0, handle.size));
    }
  }

  onEnd(): void {
    this.endpoint.close();
  }

  onProgress(): void {}

  onClose(): void {
    const at = receivers.indexOf(this);
    if (at >= 0) receivers.splice(at, 1);
  }
}

const listener = await transport.listen(
  { host: '127.0.0.1', port: 0 },
  {
    onAccept(endpoint) {
      const receiver = new Receiver(endpoint);
      receivers.push(receiver);
      endpoint.attach(receiver);
      endpoint.setReading(true);
    },
    onError(error) {
      console.error(error);
    },
    onClose() {},
  },
);

process.on('message', (asked) => {
  if (asked === 'exit') process.exit(0);
  const { user, system } = process.cpuUsage();
  if (asked === 'memory') for (let rounds = 0; rounds < 3; rounds++) global.gc?.();
  process.send?.({ user, system, rss: process.memoryUsage.rss(), connections: receivers.length });
});
process.send?.({ port: listener.address.port, path: transport.path });
