// The queue by itself, over a kernel that takes what a schedule says: any schedule sends every byte once, in order.

import { Brigade, type Bucket, fileHandle, FileHandleRef, heapBytes, makeSent, Pool, shareBytes, transientBytes } from '@sluice/brigade';
import type { TransportError } from '@sluice/transport';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Afterwards } from '../src/afterwards.ts';
import { EndpointCore, type EndpointShare, pieceKept, pieceWritten } from '../src/endpoint-core.ts';
import { FileChunkReader } from '../src/file-chunks.ts';
import { copyLeading } from '../src/gatherer.ts';
import { temporaryFile } from './set-up.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const EPIPE = -32;

class ScriptedEndpoint extends EndpointCore {
  readonly peer = { host: 'script', port: 1 };
  readonly local = { host: 'script', port: 2 };
  readonly out: number[] = [];
  finishes = 0;
  closings: boolean[] = [];
  /** The piece the stream keeps. */
  kept: Uint8Array | null = null;
  breaks = false;
  /** How many bytes the kernel takes, call by call; 0 for none, then the stream keeps a piece. Runs out at "everything". */
  #schedule: number[];

  constructor(share: EndpointShare, schedule: number[]) {
    super(share, null);
    this.#schedule = schedule;
  }

  protected sendMemory(brigade: Brigade): number {
    const taken = copyLeading(brigade, this.#schedule.shift() ?? 1000);
    this.out.push(...taken);
    return taken.length;
  }

  protected sendFile(file: Bucket): number {
    const length = Math.min(file.length, this.#schedule.shift() ?? 1000);
    const into = new Uint8Array(length);
    const got = fileHandle(file).source.readSync(into, 0, length, file.start);
    this.out.push(...into.subarray(0, got));
    return got;
  }

  protected pieceBytes(): number {
    return 3;
  }

  protected submit(piece: Uint8Array): number {
    if (this.breaks) return EPIPE;
    if ((this.#schedule.shift() ?? 1) === 0) {
      this.kept = piece;
      return pieceKept;
    }
    this.out.push(...piece);
    return pieceWritten;
  }

  /** The stream writes what it kept. */
  writeKept(): void {
    const piece = this.kept;
    if (piece === null) return;
    this.kept = null;
    this.out.push(...piece);
    this.written(0);
  }

  protected finish(): void {
    this.finishes++;
  }

  protected readBelow(): void {}

  protected closeBelow(reset: boolean): void {
    this.closings.push(reset);
    setImmediate(() => this.closed());
  }
}

function set(schedule: number[]): { pool: Pool; endpoint: ScriptedEndpoint; closed: (TransportError | null)[]; progress: number[] } {
  const pool = new Pool();
  const endpoint = new ScriptedEndpoint({ pool, afterwards: new Afterwards(pool), files: new FileChunkReader() }, schedule);
  const closed: (TransportError | null)[] = [];
  const progress: number[] = [];
  endpoint.attach({
    onBytes() {},
    onEnd() {},
    onProgress: () => progress.push(endpoint.queuedBytes),
    onClose: (error) => closed.push(error),
  });
  return { pool, endpoint, closed, progress };
}

const content = Uint8Array.from({ length: 64 }, (_, index) => 200 + (index % 50));

describe('EndpointCore', () => {
  it('sends every byte once and in order, whatever the kernel takes', async () => {
    const kinds = fc.constantFrom('heap', 'transient', 'shared', 'file', 'mark', 'empty');
    const writes = fc.array(fc.array(fc.tuple(kinds, fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 6 }), { maxLength: 8 });
    const schedules = fc.array(fc.nat(7), { maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(writes, schedules, async (plan, schedule) => {
        const { pool, endpoint, progress } = set(schedule);
        const handle = new FileHandleRef(pool, temporaryFile(content), content.length);
        const expected: number[] = [];
        const told: (number | string)[] = [];
        const marks: number[] = [];
        let next = 0;
        const fresh = (length: number): Uint8Array => Uint8Array.from({ length }, () => next++ % 200);
        for (const write of plan) {
          const brigade = new Brigade(pool);
          const lent: Uint8Array[] = [];
          for (const [kind, length] of write) {
            const bytes = kind === 'file' ? content.subarray(length, length * 2) : kind === 'mark' || kind === 'empty' ? content.subarray(0, 0) : fresh(length);
            expected.push(...bytes);
            if (kind === 'heap') brigade.append(heapBytes(pool, bytes));
            else if (kind === 'shared') brigade.append(shareBytes(pool, bytes));
            else if (kind === 'file') brigade.insertFile(handle, length, length);
            else if (kind === 'empty') brigade.append(transientBytes(new Uint8Array(0)));
            else if (kind === 'mark') {
              const place = expected.length;
              marks.push(place);
              brigade.append(makeSent((error) => told.push(error === null && endpoint.out.length >= place ? place : 'early')));
            } else {
              lent.push(bytes);
              brigade.append(transientBytes(bytes));
            }
          }
          endpoint.write(brigade);
          expect(brigade.isEmpty).toBe(true);
          for (const bytes of lent) bytes.fill(255);
          expect(endpoint.bytesOut + endpoint.queuedBytes).toBe(expected.length);
        }
        endpoint.shutdown();
        for (let turns = 0; turns < 500 && (endpoint.queuedBytes > 0 || endpoint.kept !== null); turns++) {
          expect(endpoint.finishes).toBe(0);
          endpoint.writeKept();
        }
        await nextTurn();
        expect(endpoint.out).toEqual(expected);
        expect(told).toEqual(marks);
        expect(endpoint.finishes).toBe(1);
        if (progress.length > 0) expect(progress.at(-1)).toBe(0);
        handle.release();
        expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
      }),
      { numRuns: 200 },
    );
  });

  it('ends with the name of what failed, and releases what is left', async () => {
    const { pool, endpoint, closed } = set([0]);
    endpoint.breaks = true;
    const told: (Error | null)[] = [];
    const brigade = new Brigade(pool);
    brigade.append(heapBytes(pool, content));
    brigade.append(makeSent((error) => told.push(error)));
    endpoint.write(brigade);
    expect(closed).toEqual([]);
    await nextTurn();
    await nextTurn();
    expect(closed).toMatchObject([{ operation: 'write', kind: 'brokenPipe' }]);
    expect(told).toEqual(closed);
    expect(endpoint.queuedBytes).toBe(0);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('resets a connection whose file turned out short', async () => {
    const { pool, endpoint, closed } = set([0, 1]);
    const handle = new FileHandleRef(pool, temporaryFile(content), content.length);
    const brigade = new Brigade(pool);
    brigade.insertFile(handle, content.length, 10);
    handle.release();
    endpoint.write(brigade);
    await nextTurn();
    await nextTurn();
    expect(closed).toMatchObject([{ operation: 'write', kind: 'sourceFailed' }]);
    expect(endpoint.closings).toEqual([true]);
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });
});
