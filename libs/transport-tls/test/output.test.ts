// The queue in front of the secure stream, by itself.

import { Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, fileBucket, FileHandleRef, heapBytes, makeSent, Pool, type FileSource } from '@sluice/brigade';
import type { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { Output } from '../src/output.ts';
import { StreamTarget } from '../src/stream-target.ts';

/** A stream that answers each write when it is told to. */
class Held extends Writable {
  readonly pieces: string[] = [];
  #answer: (() => void) | null = null;

  override _write(piece: Buffer, _encoding: string, answer: () => void): void {
    this.pieces.push(piece.toString('latin1'));
    this.#answer = answer;
  }

  async answer(): Promise<void> {
    const answer = this.#answer;
    this.#answer = null;
    answer?.();
    await nextTurn();
  }
}

class Stage {
  readonly pool = new Pool('output');
  readonly stream = new Held();
  readonly heard: string[] = [];
  readonly output: Output = new Output(this.pool, {
    onOutput: () => this.heard.push('output'),
    onDrained: () => this.heard.push('drained'),
    onSourceFailure: (error: TransportError) => {
      this.heard.push(error.message);
      this.output.end(error);
    },
  });

  open(): void {
    this.output.open(new StreamTarget(this.stream, this.output));
  }

  append(...parts: readonly (string | ReturnType<typeof makeSent>)[]): void {
    const brigade = new Brigade(this.pool);
    for (const part of parts) brigade.append(typeof part === 'string' ? heapBytes(this.pool, Buffer.from(part, 'latin1')) : part);
    this.output.append(brigade);
    expect(brigade.isEmpty).toBe(true);
  }

  mark(name: string, then?: () => void): ReturnType<typeof makeSent> {
    return makeSent((error) => {
      this.heard.push(error === null ? name : `${name}!`);
      then?.();
    });
  }

  file(source: Partial<FileSource>, length: number): ReturnType<typeof fileBucket> {
    const handle = new FileHandleRef(this.pool, { fd: -1, readSync: () => 0, close() {}, ...source }, length);
    const bucket = fileBucket(handle, 0, length);
    handle.release();
    return bucket;
  }
}

describe('Output', () => {
  it('holds everything until it is opened', async () => {
    const stage = new Stage();
    stage.append('early', stage.mark('sent'));
    await nextTurn();
    expect([stage.output.queuedBytes, stage.stream.pieces, stage.heard]).toEqual([5, [], []]);
    stage.open();
    expect(stage.stream.pieces).toEqual(['early']);
    await stage.stream.answer();
    expect(stage.heard).toEqual(['sent', 'output']);
    expect([stage.output.queuedBytes, stage.output.bytesOut]).toEqual([0, 5]);
  });

  it('sends one piece at a time, across marks, and tells marks when it has left', async () => {
    const stage = new Stage();
    stage.open();
    stage.append('a');
    stage.append('b', stage.mark('1'), 'c', stage.mark('2'));
    stage.append('d'.repeat(70_000));
    expect(stage.stream.pieces).toEqual(['a']);
    await stage.stream.answer();
    expect(stage.stream.pieces[1]).toBe(`bc${'d'.repeat(65_534)}`);
    expect([stage.output.queuedBytes, stage.output.bytesOut]).toEqual([70_002, 1]);
    expect(stage.heard).toEqual(['output']);
    await stage.stream.answer();
    expect(stage.heard).toEqual(['output', '1', '2', 'output']);
    await stage.stream.answer();
    expect([stage.output.queuedBytes, stage.output.bytesOut, stage.output.isIdle]).toEqual([0, 70_003, true]);
  });

  it('tells a mark with nothing before it from the event loop', async () => {
    const stage = new Stage();
    stage.open();
    stage.append(stage.mark('alone'));
    expect(stage.heard).toEqual([]);
    await nextTurn();
    expect(stage.heard).toEqual(['alone']);
  });

  it('drains once after finish, and refuses what comes then', async () => {
    const stage = new Stage();
    stage.open();
    stage.append('last');
    stage.output.finish();
    stage.append('late', stage.mark('late'));
    await nextTurn();
    expect(stage.heard).toEqual(['late!']);
    await stage.stream.answer();
    expect(stage.heard).toEqual(['late!', 'drained', 'output']);
    expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('can be ended from inside a SENT callback; bytes that left were sent, the rest was not', async () => {
    const stage = new Stage();
    stage.open();
    stage.append('a', stage.mark('1', () => stage.output.end(new Error('enough'))), 'b', stage.mark('2'));
    stage.append('c'.repeat(100_000), stage.mark('3'));
    await stage.stream.answer();
    await nextTurn();
    expect(stage.heard).toEqual(['1', '2', '3!']);
    expect(stage.output.queuedBytes).toBe(0);
    expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('keeps the order of what a SENT callback appends', async () => {
    const stage = new Stage();
    stage.open();
    stage.append('a', stage.mark('1', () => stage.append('c')), 'b');
    await stage.stream.answer();
    await stage.stream.answer();
    expect(stage.stream.pieces).toEqual(['ab', 'c']);
  });

  it('fails when a file is short or cannot be read', async () => {
    for (const [source, message] of [
      [{}, 'write failed: sourceFailed: the file ended before its bucket'],
      [
        {
          readSync: () => {
            throw new Error('no such disk');
          },
        },
        'write failed: sourceFailed: no such disk',
      ],
    ] as const) {
      const stage = new Stage();
      stage.open();
      stage.append(stage.file(source, 10));
      await nextTurn();
      await nextTurn();
      expect(stage.heard).toEqual([message]);
      expect(stage.pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
    }
  });
});
