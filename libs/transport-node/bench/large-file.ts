// Sends one large file over the transport to a slow-ish reader in another process, and checks every byte by its digest.
//
//     node --conditions=@sluice/source bench/large-file.ts [native | handles | sockets] [MiB]

import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Brigade, FileHandleRef, Pool } from '@sluice/brigade';
import { createNodeTransport } from '../src/index.ts';

const MiB = 1024 * 1024;

/** The other process: reads to the end and answers the digest. */
async function receive(port: number): Promise<void> {
  const hash = createHash('sha1');
  let received = 0;
  const socket = connect(port, '127.0.0.1');
  socket.on('data', (chunk) => {
    received += chunk.length;
    hash.update(chunk);
  });
  await once(socket, 'end');
  process.send?.({ received, digest: hash.digest('hex') });
  socket.end();
  process.disconnect();
}

/** Writes a file in which no two blocks are alike; answers its digest. */
function makeFile(path: string, size: number): string {
  const hash = createHash('sha1');
  const fd = openSync(path, 'w');
  const block = Buffer.alloc(MiB, 'sluice');
  for (let at = 0; at < size; at += block.length) {
    for (let word = 0; word < block.length; word += 4096) block.writeDoubleLE(at + word, word);
    writeSync(fd, block);
    hash.update(block);
  }
  closeSync(fd);
  return hash.digest('hex');
}

async function send(variant: string, size: number): Promise<void> {
  const path = join(tmpdir(), `sluice-large-${process.pid}`);
  const digest = makeFile(path, size);
  const fd = openSync(path, 'r');
  unlinkSync(path);
  const pool = new Pool('large-file');
  const off = variant === 'handles' ? { nativeIo: 'off' as const } : variant === 'sockets' ? { bareHandles: 'off' as const } : {};
  const transport = createNodeTransport({ pool, ...off });
  const handle = new FileHandleRef(pool, { fd, readSync: (...span) => readSync(fd, ...span), close: () => closeSync(fd) }, size);
  const closed = Promise.withResolvers<void>();
  const before = process.memoryUsage.rss();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
  const listener = await transport.listen(
    { host: '127.0.0.1', port: 0 },
    {
      onAccept(endpoint) {
        endpoint.attach({ onBytes() {}, onEnd() {}, onProgress() {}, onClose: () => closed.resolve() });
        const brigade = new Brigade(pool);
        brigade.insertFile(handle, 0, size);
        endpoint.write(brigade);
        endpoint.shutdown();
        endpoint.setReading(true);
        handle.release();
      },
      onError: (error) => closed.reject(error),
      onClose() {},
    },
  );
  const started = performance.now();
  const cpu = process.cpuUsage();
  const child = fork(new URL(import.meta.url), ['receive', String(listener.address.port)], { execArgv: ['--conditions=@sluice/source'] });
  const [answer] = (await once(child, 'message')) as [{ received: number; digest: string }];
  await closed.promise;
  clearInterval(watch);
  listener.close();
  const { user, system } = process.cpuUsage(cpu);
  const exact = answer.digest === digest && answer.received === size;
  console.log(
    `${transport.path}: ${answer.received} bytes, ${exact ? 'exact' : 'NOT EXACT'}, ${Math.round(performance.now() - started)} ms,` +
      ` ${Math.round((user + system) / 1000)} ms CPU, RSS grew by ${((peak - before) / MiB).toFixed(1)} MiB at most`,
  );
  if (!exact) process.exitCode = 1;
}

const [first = 'native', second = '1024'] = process.argv.slice(2);
if (first === 'receive') await receive(Number(second));
else await send(first, Number(second) * MiB);
