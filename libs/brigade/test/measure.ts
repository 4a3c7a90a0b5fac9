// Times the operations that connections do for each message, and weighs an idle pool with its brigade:
//     node --expose-gc --conditions=@sluice/source test/measure.ts
// Prints the median of seven runs. Not a test: figures depend on the machine.

import { Brigade, type Bucket, heapBytes, makeSent, Pool, shareBytes } from '../src/index.ts';

const runs = 7;

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] as number;
}

/** `work(rounds)` does the operation `rounds` times. */
function time(name: string, rounds: number, work: (rounds: number) => void): void {
  work(rounds);
  const taken: number[] = [];
  for (let i = 0; i < runs; i++) {
    const start = process.hrtime.bigint();
    work(rounds);
    taken.push(Number(process.hrtime.bigint() - start) / rounds);
  }
  console.log(`${name.padEnd(58)} ${median(taken).toFixed(1).padStart(8)} ns`);
}

const pool = new Pool('measure');
const brigade = new Brigade(pool.subpool('connection'));
const payload = new Uint8Array(70).fill(120);
const large = new Uint8Array(16_384).fill(121);
const into = new Uint8Array(65_536);
const frame = shareBytes(pool, payload);
const vector: Bucket[] = [];

time('write 70 B (16 in a row), consume', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i += 16) {
    for (let k = 0; k < 16; k++) brigade.write(payload);
    brigade.consume(1120);
  }
});
time('write 70 B, gather, consume', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i++) {
    brigade.write(payload);
    brigade.gather(into, 0, 65_536);
    brigade.consume(70);
  }
});
time('write 16 KiB, consume', 20_000, (rounds) => {
  for (let i = 0; i < rounds; i++) {
    brigade.write(large);
    brigade.consume(16_384);
  }
});
time('writeLatin1 of 70 characters (16 in a row), consume', 200_000, (rounds) => {
  const text = 'x'.repeat(70);
  for (let i = 0; i < rounds; i += 16) {
    for (let k = 0; k < 16; k++) brigade.writeLatin1(text);
    brigade.consume(1120);
  }
});
time('reserve 6 B and fill (16 in a row), consume', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i += 16) {
    for (let k = 0; k < 16; k++) {
      const at = brigade.reserve(6);
      const bytes = brigade.reserved;
      bytes[at] = 0x82;
      bytes[at + 1] = 4;
    }
    brigade.consume(96);
  }
});
time('append of a shared frame (16 in a row), consume', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i += 16) {
    for (let k = 0; k < 16; k++) brigade.append(frame.retain());
    brigade.consume(1120);
  }
});
time('append of one shared frame to an empty brigade, consume', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i++) {
    brigade.append(frame.retain());
    brigade.consume(70);
  }
});
time('append of a shared frame to 1,000 brigades, iovec, consume', 200_000, (rounds) => {
  const many = Array.from({ length: 1000 }, () => new Brigade(pool));
  for (let i = 0; i < rounds; i += 1000) {
    for (const one of many) one.append(frame.retain());
    for (const one of many) {
      one.iovec(vector, 64);
      one.consume(70);
    }
  }
});
time('heapBytes of 70 B, release', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i++) heapBytes(pool, payload).release();
});
time('shareBytes of 70 B, release', 200_000, (rounds) => {
  for (let i = 0; i < rounds; i++) shareBytes(pool, payload).release();
});
time('SENT mark behind 70 B, consume', 200_000, (rounds) => {
  const callback = (): void => {};
  for (let i = 0; i < rounds; i++) {
    brigade.write(payload);
    brigade.append(makeSent(callback));
    brigade.consume(70);
  }
});
time('concat of one bucket into an empty brigade, consume', 200_000, (rounds) => {
  const other = new Brigade(pool);
  for (let i = 0; i < rounds; i++) {
    other.append(frame.retain());
    brigade.concat(other);
    brigade.consume(70);
  }
});

const collect = (globalThis as { gc?: () => void }).gc;
if (collect !== undefined) {
  const count = 100_000;
  const kept: unknown[] = Array.from({ length: 2 * count }, () => null);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 0; i < count; i++) {
    const own = pool.subpool('c');
    const output = new Brigade(own);
    output.write(payload);
    output.consume(70);
    kept[2 * i] = own;
    kept[2 * i + 1] = output;
  }
  collect();
  console.log(`idle pool with one brigade, after use ${((process.memoryUsage().heapUsed - before) / count).toFixed(0)} bytes`);
  if (kept.length !== 2 * count) throw new Error('unreachable');
}
