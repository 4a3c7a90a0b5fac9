// Large transfers both ways at once, cut, paused and mixed at random: one seed, one schedule. The seed stands in the case's name.

import { fileBucket, FileHandleRef, heapBytes, shareBytes, type Bucket } from '@sluice/brigade';
import type { Cases } from './cases.ts';
import { Pattern, seededRandom } from './pattern.ts';
import type { Scene } from './scene.ts';
import type { Side } from './side.ts';

const SIZE = 3 << 20;
const SEEDS = [1, 2, 3, 4, 5];
const LARGEST_QUEUE = 512 * 1024;

/** Writes pieces of random sizes and kinds, whenever there is little queued, and ends with FIN. */
class Writer {
  written = 0;
  marks = 0;
  readonly #side: Side;
  readonly #pattern: Pattern;
  readonly #file: FileHandleRef;
  readonly #random: () => number;

  constructor(side: Side, pattern: Pattern, file: FileHandleRef, random: () => number) {
    this.#side = side;
    this.#pattern = pattern;
    this.#file = file;
    this.#random = random;
  }

  get done(): boolean {
    return this.written === SIZE;
  }

  fill(): void {
    while (!this.done && this.#side.endpoint.queuedBytes < LARGEST_QUEUE) {
      const pieces: Bucket[] = [];
      for (let count = this.#random() % 6; count >= 0 && !this.done; count--) pieces.push(this.#piece());
      if (this.#random() % 4 === 0) pieces.push(this.#side.mark(String(this.marks++)));
      this.#side.write(...pieces);
      if (this.done) this.#side.shutdown();
    }
  }

  #piece(): Bucket {
    const { pool } = this.#side;
    const largest = [16, 700, 9000, 150_000][this.#random() % 4];
    const length = Math.min(SIZE - this.written, 1 + (this.#random() % largest));
    const from = this.written;
    this.written += length;
    const kind = this.#random() % 3;
    if (kind === 0) return fileBucket(this.#file, from, length);
    const bytes = this.#pattern.slice(from, length);
    return kind === 1 ? heapBytes(pool, bytes) : shareBytes(pool, bytes);
  }
}

async function transfer(scene: Scene, seed: number): Promise<void> {
  const random = seededRandom(seed);
  const { client, server } = await scene.pair();
  const pairs = [
    { from: client, to: server },
    { from: server, to: client },
  ];
  const writers: Writer[] = [];
  const files: FileHandleRef[] = [];
  for (const { from, to } of pairs) {
    const pattern = new Pattern(random());
    const source = await scene.under.openFile(pattern.slice(0, SIZE));
    const file = new FileHandleRef(scene.pool, source, SIZE);
    const writer = new Writer(from, pattern, file, random);
    files.push(file);
    writers.push(writer);
    to.expected = pattern;
    from.inProgress = () => writer.fill();
    from.inSent = (mark) => {
      if (Number(mark) % 2 === 0) writer.fill();
    };
    to.inBytes = () => {
      if (random() % 8 === 0) to.setReading(false);
    };
    to.setReading(true);
  }
  while (!client.closed || !server.closed) {
    await scene.until('a pause, or the end of both directions', () => {
      for (const [index, { from }] of pairs.entries()) if (from.endpoint.queuedBytes === 0) writers[index].fill();
      return pairs.some(({ to }) => !to.reading) || (client.closed && server.closed);
    });
    if (random() % 32 === 0) await scene.settle();
    for (const { to } of pairs) if (!to.reading && !to.closed) to.setReading(true);
    if (pairs.some(({ to }) => to.closed && !to.ended)) break;
  }
  for (const file of files) file.release();
  for (const [index, { from, to }] of pairs.entries()) {
    scene.expect(to.received).toBe(SIZE);
    scene.expect(to.events).toEqual(['end', 'close']);
    scene.expect(from.endpoint.bytesOut).toBe(SIZE);
    scene.expect(from.sentMarks).toEqual(Array.from({ length: writers[index].marks }, (_, mark) => String(mark)));
  }
}

export const transferCases: Cases = Object.fromEntries(
  SEEDS.map((seed) => [`moves ${SIZE >> 20} MiB each way byte for byte, seed ${seed}`, (scene: Scene) => transfer(scene, seed)]),
);
