// Any sequence of operations, run beside a model that holds plain strings: bytes, lengths and references must agree after each.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Brigade, type Bucket, fileBucket, heapBytes, makeFlush, makeSent, NotSentError, Pool, shareBytes, transientBytes } from '../src/index.ts';
import { bytesOf, MemoryFile, textIn, textOf } from './sources.ts';

/** One step: a name, the brigade it works on, the other brigade, and a position as a fraction of what there is. */
type Step = [operation: string, which: number, other: number, at: number];

const operations = [
  'write', 'latin1', 'reserve', 'heap', 'transient', 'share', 'file', 'flush', 'sent', 'copy', 'splitBucket', 'shift',
  'splitAt', 'partition', 'concat', 'setaside', 'gather', 'consume', 'splitLine', 'splitBoundary', 'read', 'destroy',
]; // prettier-ignore

const brigadeCount = 3;

class Model {
  readonly root = new Pool('root', { slabBytes: 64, maxFreeSlabs: 4 });
  readonly pools = Array.from({ length: brigadeCount }, (_, i) => this.root.subpool(`pool ${i}`));
  readonly brigades = this.pools.map((pool) => new Brigade(pool));
  readonly expected = this.brigades.map(() => '');
  readonly file = new MemoryFile('the quick\nbrown fox; jumps over\nthe lazy dog--');
  readonly handle = this.file.open(this.root);
  readonly frame = shareBytes(this.root, bytesOf('shared\nframe of a broadcast'));
  marks = 0;
  told = 0;
  private counter = 0;

  text(at: number): string {
    return `<${++this.counter}${at % 5 === 0 ? '\n' : '-'}${'x'.repeat(at % 90)}>`;
  }

  run([operation, which, otherIndex, at]: Step): void {
    const i = which % brigadeCount;
    const brigade = this.brigades[i] as Brigade;
    const pool = this.pools[i] as Pool;
    const expected = this.expected[i] as string;
    const cut = expected.length === 0 ? 0 : at % (expected.length + 1);
    const add = (text: string): void => {
      this.expected[i] = expected + text;
    };
    switch (operation) {
      case 'write': {
        const text = this.text(at);
        brigade.write(bytesOf(`_${text}_`), 1, text.length + 1);
        return add(text);
      }
      case 'latin1': {
        const text = this.text(at);
        brigade.writeLatin1(text);
        return add(text);
      }
      case 'reserve': {
        const text = this.text(at);
        const offset = brigade.reserve(text.length);
        brigade.reserved.set(bytesOf(text), offset);
        return add(text);
      }
      case 'heap': {
        const text = this.text(at);
        brigade.append(heapBytes(pool, bytesOf(text)));
        return add(text);
      }
      case 'transient': {
        const text = this.text(at);
        brigade.append(transientBytes(bytesOf(text)));
        return add(text);
      }
      case 'share':
        brigade.append(this.frame.retain());
        return add('shared\nframe of a broadcast');
      case 'file': {
        const from = at % this.file.content.length;
        brigade.append(fileBucket(this.handle, from, this.file.content.length - from));
        return add(textOf(this.file.content.subarray(from)));
      }
      case 'flush':
        return brigade.append(makeFlush());
      case 'sent':
        this.marks++;
        return brigade.append(makeSent(() => this.told++));
      case 'copy': {
        // All that the other brigade holds, except its SENT marks, to the end of this one.
        const other = this.brigades[otherIndex % brigadeCount] as Brigade;
        const text = this.expected[otherIndex % brigadeCount] as string;
        for (let k = 0, count = other.count; k < count; k++) if (other.at(k).type.name !== 'sent') brigade.append(other.at(k).copy());
        return add(text);
      }
      case 'splitBucket': {
        const bucket = brigade.shift();
        if (bucket === null) return;
        if (bucket.refs === 1 && !bucket.isMark) {
          const second = bucket.split(at % (bucket.length + 1));
          brigade.prepend(second);
        }
        return brigade.prepend(bucket);
      }
      case 'shift': {
        const bucket = brigade.shift();
        if (bucket === null) return;
        this.expected[i] = expected.slice(bucket.length);
        return bucket.release();
      }
      case 'splitAt': {
        const index = at % (brigade.count + 1);
        const rest = brigade.splitAt(index);
        expect(textIn(brigade) + textIn(rest)).toBe(expected);
        return brigade.concat(rest);
      }
      case 'partition': {
        const index = brigade.partition(cut);
        if (index === 'incomplete') throw new Error('incomplete within the bytes there are');
        const rest = brigade.splitAt(index);
        expect([textIn(brigade), textIn(rest)]).toEqual([expected.slice(0, cut), expected.slice(cut)]);
        expect(brigade.partition(cut + 1)).toBe('incomplete');
        return brigade.concat(rest);
      }
      case 'concat': {
        const k = otherIndex % brigadeCount;
        if (k === i) return;
        brigade.concat(this.brigades[k] as Brigade);
        add(this.expected[k] as string);
        this.expected[k] = '';
        return;
      }
      case 'setaside':
        return brigade.setaside();
      case 'gather': {
        const into = new Uint8Array(200);
        const count = brigade.gather(into, 3, at % 190);
        expect(textOf(into.subarray(3, 3 + count))).toBe(expected.slice(0, count));
        brigade.consume(count);
        this.expected[i] = expected.slice(count);
        return;
      }
      case 'consume':
        brigade.consume(cut);
        this.expected[i] = expected.slice(cut);
        return;
      case 'splitLine': {
        const max = 1 + (at % 60);
        const lineEnd = expected.indexOf('\n') + 1;
        const line = brigade.splitLine(max);
        if (lineEnd > 0 && lineEnd <= max) {
          if (typeof line === 'string') throw new Error(`${line}, where there is a line`);
          expect(textIn(line)).toBe(expected.slice(0, lineEnd));
          line.concat(brigade);
          return brigade.concat(line);
        }
        expect(line).toBe(expected.length >= max ? 'tooLong' : 'incomplete');
        return;
      }
      case 'splitBoundary': {
        const boundary = ['--', '-xx', 'x>', 'xxxx\n', 'the'][at % 5] as string;
        const { data, found } = brigade.splitBoundary(bytesOf(boundary));
        const place = expected.indexOf(boundary);
        expect(found).toBe(place >= 0);
        let held = 0;
        for (let n = 1; n < boundary.length; n++) if (expected.endsWith(boundary.slice(0, n))) held = n;
        const [before, after] = found
          ? [expected.slice(0, place), expected.slice(place + boundary.length)]
          : [expected.slice(0, expected.length - held), expected.slice(expected.length - held)];
        expect([textIn(data), textIn(brigade)]).toEqual([before, after]);
        data.concat(brigade);
        this.expected[i] = before + after;
        return brigade.concat(data);
      }
      case 'read':
        if (brigade.count > 0) brigade.read(at % brigade.count);
        return;
      default:
        brigade.destroy();
        this.expected[i] = '';
    }
  }

  agree(): void {
    for (const [i, brigade] of this.brigades.entries()) {
      const expected = this.expected[i] as string;
      expect(textIn(brigade)).toBe(expected);
      expect(brigade.length).toBe(expected.length);
      expect(brigade.isEmpty).toBe(brigade.count === 0);
    }
    // References as a third party counts them: by walking over everything that is held.
    let frames = 1;
    let files = 1;
    let bytes = 0;
    const counted = new Set<Bucket>([this.frame]);
    for (const brigade of this.brigades) {
      for (let k = 0; k < brigade.count; k++) {
        const bucket = brigade.at(k);
        if (bucket === this.frame) frames++;
        else if (bucket.type.name === 'file') files++;
        counted.add(bucket);
      }
    }
    for (const bucket of counted) if (bucket.slab !== null) bytes += bucket.length;
    expect([this.frame.refs, this.handle.refs]).toEqual([frames, files]);
    expect(this.root.outstanding()).toEqual({ bytes, handles: 1 });
    const slabs = new Set([...counted].map((bucket) => bucket.slab).filter((slab) => slab !== null));
    expect(this.root.arena.busySlabs).toBe(slabs.size);
    for (const slab of slabs) expect(slab.refs).toBe([...counted].filter((bucket) => bucket.slab === slab).length);
  }
}

const steps = fc.array(fc.tuple(fc.constantFrom(...operations), fc.nat(2), fc.nat(2), fc.nat(1000)), { maxLength: 60 });

describe('any sequence of operations', () => {
  it('keeps the bytes and the references, and leaves nothing behind', () => {
    fc.assert(
      fc.property(steps, fc.boolean(), (sequence: Step[], poolsFirst) => {
        const model = new Model();
        for (const step of sequence) {
          // A brigade that copies to itself may double each time: keep what is compared small.
          if (step[0] === 'copy' && (model.expected[step[1] % brigadeCount] as string).length > 2000) continue;
          model.run(step);
          model.agree();
        }
        if (poolsFirst) for (const pool of model.pools) pool.destroy();
        else for (const brigade of model.brigades) brigade.destroy(new NotSentError());
        model.handle.release();
        model.frame.release();
        expect(model.told).toBe(model.marks);
        expect(model.file.closed).toBe(1);
        expect(model.root.outstanding()).toEqual({ bytes: 0, handles: 0 });
        expect(model.root.arena.busySlabs).toBe(0);
        model.root.destroy();
      }),
      { numRuns: 400 },
    );
  });
});
