// What a request, a publication and an idle connection cost.
//
//     npm exec -w @sluice/command -- node --expose-gc --conditions=@sluice/source bench/requests.ts

import { Pool } from '@sluice/brigade';
import { CommandEngine, CommandEvent, encodeSharedMessage } from '../src/index.ts';

const pool = new Pool('bench');
const body = Buffer.from('{"offset":42}');
const request = Buffer.from('PUBLISH news.eu\r\nSequence: 12345\r\nSize: 70\r\n\r\n'.concat('x'.repeat(70)));
const pipelined = Buffer.concat(Array.from({ length: 16 }, () => request));
let characters = 0;

function greeted(): CommandEngine {
  const engine = new CommandEngine({ role: 'server', pool });
  engine.sendGreeting();
  engine.output.consume(engine.output.length);
  return engine;
}

const server = greeted();
const receivers = Array.from({ length: 1000 }, greeted);

function serve(bytes: Uint8Array): void {
  server.receive(bytes, 0, bytes.length);
  while (server.next() === CommandEvent.Request) {
    characters += server.request.command.length + (server.request.args[0] ?? '').length;
    server.sendReply(server.request.sequence, body);
  }
  if (server.failure !== null) throw new Error(server.failure.text);
  server.output.consume(server.output.length);
}

function publish(): void {
  const message = encodeSharedMessage(pool, 'news.eu', 42, 'h1f', request);
  for (const engine of receivers) engine.sendShared(message);
  message.release();
  for (const { output } of receivers) output.consume(output.length);
}

function measure(name: string, perRun: number, run: () => void): void {
  const samples: number[] = [];
  for (let round = 0; round < 9; round++) {
    const runs = 100_000 / perRun;
    const from = process.cpuUsage();
    for (let i = 0; i < runs; i++) run();
    const used = process.cpuUsage(from);
    samples.push(((used.user + used.system) * 1000) / (runs * perRun));
  }
  samples.sort((a, b) => a - b);
  console.log(`${name}: ${Math.round(samples[4] ?? 0)} ns of CPU (median of 9)`);
}

/** Bytes of heap and of array buffers outside of it, for each of many engines. */
function weigh(name: string, prepare: (engine: CommandEngine) => void): void {
  const count = 5000;
  const memory = (): number => {
    globalThis.gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const before = memory();
  const engines = Array.from({ length: count }, greeted);
  for (const engine of engines) prepare(engine);
  console.log(`${name}: ${Math.round((memory() - before) / engines.length)} bytes`);
}

console.log(`${request.length} bytes a request, node ${process.version}`);
measure('a request, read and answered', 1, () => serve(request));
measure('the same, 16 in one packet', 16, () => serve(pipelined));
measure('a publication, for each of 1,000 receivers', 1000, publish);
weigh('an engine before the first byte', () => {});
weigh('an engine after a first request', (engine) => {
  engine.receive(request, 0, request.length);
  engine.next();
  engine.sendReply(engine.request.sequence);
  engine.next();
  engine.output.consume(engine.output.length);
});
console.log(`${characters > 0 ? 'done' : ''}`);
