// Server CPU per message, and RSS per idle connection, for each way the transport can work.
//
//     node --conditions=@sluice/source bench/measure.ts [variant …] [-- mode …]
//
// variants: native handles sockets; modes: echo echo16 fan-out fan-out16 file16k file1m idle

import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const messageBytes = 64;
const headBytes = 46;
const seconds = Number(process.env.SECONDS ?? 2);
const idleConnections = Number(process.env.IDLE ?? 12_000);

interface Reading {
  user: number;
  system: number;
  rss: number;
  connections: number;
}

interface Mode {
  server: 'echo' | 'fan-out';
  connections: number;
  inFlight: number;
  /** Bytes that come back for one message. */
  answerBytes: number;
  fileBytes?: number;
}

const modes: Record<string, Mode> = {
  echo: { server: 'echo', connections: 50, inFlight: 1, answerBytes: messageBytes },
  echo16: { server: 'echo', connections: 50, inFlight: 16, answerBytes: messageBytes },
  'fan-out': { server: 'fan-out', connections: 1000, inFlight: 1, answerBytes: messageBytes },
  'fan-out16': { server: 'fan-out', connections: 1000, inFlight: 16, answerBytes: messageBytes },
  file16k: { server: 'echo', connections: 20, inFlight: 1, answerBytes: headBytes + 16_384, fileBytes: 16_384 },
  file1m: { server: 'echo', connections: 20, inFlight: 1, answerBytes: headBytes + 1_048_576, fileBytes: 1_048_576 },
};

async function ask(child: ChildProcess, question: string): Promise<Reading> {
  const answer = once(child, 'message');
  child.send(question);
  const [reading] = (await answer) as [Reading];
  return reading;
}

async function start(variant: string, mode: string, file: string[]): Promise<{ child: ChildProcess; port: number }> {
  const options = { execArgv: ['--conditions=@sluice/source', '--expose-gc', ...(process.env.NODE_ARGS?.split(' ') ?? [])] };
  const child = fork(new URL('server.ts', import.meta.url), [variant, mode, ...file], options);
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return { child, port };
}

const readBuffer = Buffer.alloc(1 << 18);

async function open(port: number, received: (bytes: number, socket: Socket) => void): Promise<Socket> {
  const onread = { buffer: readBuffer, callback: (bytes: number): boolean => (received(bytes, socket), true) };
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
  await once(socket, 'connect');
  return socket;
}

async function measureWork(variant: string, name: string): Promise<void> {
  const mode = modes[name];
  const file = mode.fileBytes === undefined ? [] : [join(tmpdir(), `sluice-bench-${process.pid}-${mode.fileBytes}`)];
  for (const path of file) writeFileSync(path, Buffer.alloc(mode.fileBytes ?? 0, 'x'));
  const { child, port } = await start(variant, mode.server, file);
  const burst = Buffer.alloc(messageBytes * mode.inFlight, 'a');
  const burstAnswer = mode.answerBytes * mode.inFlight;
  const fanOut = mode.server === 'fan-out';
  let answers = 0;
  let total = 0;
  const publisher = fanOut ? await open(port, () => {}) : null;
  const sockets: Socket[] = [];
  for (let count = 0; count < mode.connections; count++) {
    let got = 0;
    sockets.push(
      await open(port, (bytes, socket) => {
        answers += bytes / mode.answerBytes;
        total += bytes;
        got += bytes;
        if (publisher !== null) {
          if (total >= burstAnswer * mode.connections) {
            total -= burstAnswer * mode.connections;
            publisher.write(burst);
          }
        } else if (got >= burstAnswer) {
          got -= burstAnswer;
          socket.write(burst);
        }
      }),
    );
  }
  const opened = sockets.length + (publisher === null ? 0 : 1);
  while ((await ask(child, 'cpu')).connections < opened) await sleep(10);
  for (const socket of publisher === null ? sockets : [publisher]) socket.write(burst);
  await sleep(700);
  const before = await ask(child, 'cpu');
  const answersBefore = answers;
  await sleep(seconds * 1000);
  const after = await ask(child, 'cpu');
  const done = answers - answersBefore;
  const user = (after.user - before.user) / done;
  const system = (after.system - before.system) / done;
  console.log(`${variant.padEnd(8)} ${name.padEnd(10)} ${(user + system).toFixed(2)} µs (user ${user.toFixed(2)}, system ${system.toFixed(2)}), ${Math.round(done / seconds)}/s`);
  for (const socket of [publisher, ...sockets]) socket?.destroy();
  child.send('exit');
  await once(child, 'exit');
}

async function measureIdle(variant: string): Promise<void> {
  const { child, port } = await start(variant, 'echo', []);
  const message = Buffer.alloc(messageBytes, 'a');
  const before = await ask(child, 'memory');
  const sockets: Socket[] = [];
  const answered: Promise<void>[] = [];
  for (let count = 0; count < idleConnections; count++) {
    const { promise, resolve } = Promise.withResolvers<void>();
    answered.push(promise);
    sockets.push(await open(port, () => resolve()));
  }
  for (const socket of sockets) socket.write(message);
  await Promise.all(answered);
  await sleep(500);
  const after = await ask(child, 'memory');
  const each = (after.rss - before.rss) / after.connections;
  console.log(`${variant.padEnd(8)} idle       ${Math.round(each)} bytes of RSS per connection, ${after.connections} connections`);
  for (const socket of sockets) socket.destroy();
  child.send('exit');
  await once(child, 'exit');
}

const asked = process.argv.slice(2);
const cut = asked.indexOf('--') < 0 ? asked.length : asked.indexOf('--');
const wantedVariants = asked.slice(0, cut);
const wantedModes = asked.slice(cut + 1);
for (const name of wantedModes.length > 0 ? wantedModes : [...Object.keys(modes), 'idle']) {
  for (const variant of wantedVariants.length > 0 ? wantedVariants : ['native', 'handles', 'sockets']) {
    if (name === 'idle') await measureIdle(variant);
    else await measureWork(variant, name);
  }
}
process.exit(0);
