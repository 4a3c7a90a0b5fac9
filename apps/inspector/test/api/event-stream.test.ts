import { describe, expect, it } from 'vitest';
import { EventStream, type Source, type StreamStatus } from '../../src/api/event-stream.ts';

class FakeSource implements Source {
  isClosed = false;
  readonly #listeners = new Map<string, (event: { data?: unknown }) => void>();

  addEventListener(name: string, listener: (event: { data?: unknown }) => void): void {
    this.#listeners.set(name, listener);
  }

  close(): void {
    this.isClosed = true;
  }

  fire(name: string, data?: string): void {
    this.#listeners.get(name)?.({ data });
  }
}

function setUp() {
  const sources: FakeSource[] = [];
  const statuses: StreamStatus[] = [];
  const seen: unknown[] = [];
  const waits: { work: () => void; ms: number; off: boolean }[] = [];
  const stream = new EventStream({
    url: 'x',
    on: { sample: (data) => seen.push(data) },
    onStatus: (status) => statuses.push(status),
    makeSource() {
      const source = new FakeSource();
      sources.push(source);
      return source;
    },
    random: () => 1,
    later(work, ms) {
      const wait = { work, ms, off: false };
      waits.push(wait);
      return () => {
        wait.off = true;
      };
    },
  });
  return { stream, sources, statuses, seen, waits };
}

describe('an event stream', () => {
  it('gives parsed data to the listener of the name', () => {
    const { sources, seen, statuses } = setUp();
    sources[0]?.fire('open');
    sources[0]?.fire('sample', '{"atMs":5}');
    sources[0]?.fire('other', '{}');
    expect(seen).toEqual([{ atMs: 5 }]);
    expect(statuses).toEqual(['connecting', 'open']);
  });

  it('comes back, each time after a longer wait, and at once again after it was open', () => {
    const { sources, statuses, waits } = setUp();
    for (let i = 0; i < 3; i++) {
      sources[i]?.fire('error');
      expect(sources[i]?.isClosed).toBe(true);
      waits[i]?.work();
    }
    expect(waits.map(({ ms }) => ms)).toEqual([500, 1000, 2000]);
    sources[3]?.fire('open');
    sources[3]?.fire('error');
    expect(waits[3]?.ms).toBe(500);
    expect(statuses).toEqual(['connecting', 'lost', 'connecting', 'lost', 'connecting', 'lost', 'connecting', 'open', 'lost']);
  });

  it('hears nothing of a source it has left', () => {
    const { sources, seen, waits } = setUp();
    sources[0]?.fire('error');
    waits[0]?.work();
    sources[0]?.fire('sample', '{}');
    sources[0]?.fire('error');
    expect(seen).toEqual([]);
    expect(waits).toHaveLength(1);
  });

  it('is over when it is closed', () => {
    const { stream, sources, waits, statuses } = setUp();
    sources[0]?.fire('error');
    stream.close();
    expect(waits[0]?.off).toBe(true);
    stream.close();
    expect(statuses).toEqual(['connecting', 'lost', 'closed']);
  });
});
