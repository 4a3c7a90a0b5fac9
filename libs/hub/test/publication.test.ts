import { type Bucket, Brigade, shareBytes } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import type { Publication, PublicationEncoder } from '../src/index.ts';
import { makeHub, Recorder, textOf } from './recorder.ts';

const frame: PublicationEncoder = (publication, pool) => shareBytes(pool, new TextEncoder().encode(`<${textOf(publication)}>`));

function textIn(bucket: Bucket): string {
  return bucket.bytes === null ? '' : new TextDecoder().decode(bucket.bytes.subarray(bucket.start, bucket.start + bucket.length));
}

describe('encodings', () => {
  it('are made once per form, whatever the number of subscribers, and shared by reference', () => {
    const { hub, pool, publish } = makeHub({ history: { maxCount: 0 } });
    const plain = hub.defineEncoding(frame);
    const other = hub.defineEncoding(frame);
    const brigades: Brigade[] = [];
    const buckets = new Set<Bucket>();
    for (let i = 0; i < 1000; i++) {
      const recorder = new Recorder();
      const brigade = new Brigade(pool);
      brigades.push(brigade);
      recorder.onDeliver = (publication) => {
        const bucket = publication.encoding(i % 10 === 0 ? other : plain);
        buckets.add(bucket);
        brigade.append(bucket.retain());
      };
      hub.join(recorder).subscribe('t');
    }
    publish('t', 'hello');
    expect(hub.stats().encodingsMade).toBe(2);
    expect(buckets.size).toBe(2);
    expect([...buckets].map(textIn)).toEqual(['<hello>', '<hello>']);
    expect(pool.outstanding().bytes).toBe(2 * '<hello>'.length);
    hub.destroy();
    expect(textIn(brigades[7].at(0))).toBe('<hello>');
    for (const brigade of brigades) brigade.destroy();
    expect(pool.outstanding()).toEqual({ bytes: 0, handles: 0 });
  });

  it('are not made when nobody asks, and let go when the call ends', () => {
    const { hub, pool, publish } = makeHub();
    const slot = hub.defineEncoding(frame);
    const recorder = new Recorder();
    hub.join(recorder).subscribe('t');
    publish('t', 'abc');
    expect(hub.stats().encodingsMade).toBe(0);
    recorder.onDeliver = (publication) => void publication.encoding(slot);
    publish('t', 'abc');
    expect(hub.stats().encodingsMade).toBe(1);
    expect(pool.outstanding().bytes).toBe(6);
  });

  it('outlast a replay of the same publication inside somebody else’s delivery', () => {
    const { hub, publish } = makeHub({ slow: 'dropOldest' });
    const slot = hub.defineEncoding(frame);
    const lagging = new Recorder();
    lagging.window = 0;
    lagging.onDeliver = (publication) => void publication.encoding(slot);
    const subscription = hub.join(lagging).subscribe('t');
    const waker = new Recorder();
    hub.join(waker).subscribe('t');
    let text = '';
    let same = false;
    waker.onDeliver = (publication) => {
      const bucket = publication.encoding(slot);
      lagging.window = 10;
      subscription.resume();
      text = textIn(bucket);
      same = publication.encoding(slot) === bucket;
    };
    publish('t', 'abc');
    expect(lagging.log).toEqual(['t:1']);
    expect([text, same]).toEqual(['<abc>', true]);
    expect(hub.stats().encodingsMade).toBe(1);
  });

  it('asked for outside a delivery last until the next call', () => {
    const { hub, pool, publish } = makeHub();
    const slot = hub.defineEncoding(frame);
    publish('t', 'abc');
    const [publication] = hub.history('t').publications;
    expect(textIn(publication.encoding(slot))).toBe('<abc>');
    expect(publication.encoding(slot)).toBe(publication.encoding(slot));
    expect(pool.outstanding().bytes).toBe(3 + 5);
    publish('u', 'x');
    expect(pool.outstanding().bytes).toBe(3 + 1);
  });

  it('that were never defined are the asker’s mistake', () => {
    const { hub, publish } = makeHub();
    publish('t');
    expect(() => hub.history('t').publications[0].encoding(3)).toThrow(expect.objectContaining({ code: 'encodingUnknown', fault: 'caller' }));
  });
});

it('keeps its scalar fields readable for good', () => {
  const { hub, clock, publish } = makeHub({ history: { maxCount: 0 } });
  const publication: Publication = publish('t');
  const { epoch } = hub.history('t');
  hub.destroy();
  expect(publication).toMatchObject({ topic: 't', tag: null, epoch, offset: 1, sequence: 1, timeMs: clock.wallMs, kind: 'text' });
});
