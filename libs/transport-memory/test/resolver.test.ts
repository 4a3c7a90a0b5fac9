import { VirtualClock } from '@sluice/timing';
import type { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { MemoryResolver } from '../src/index.ts';

const outcomeOf = (lookup: Promise<readonly string[]>): Promise<string> =>
  lookup.then(
    (addresses) => addresses.join(' '),
    ({ operation, kind }: TransportError) => `${operation} ${kind}`,
  );

describe('a resolver in memory', () => {
  it('answers a name by script, in virtual time', async () => {
    const clock = new VirtualClock();
    const resolver = new MemoryResolver(clock).script('two.test', { addresses: ['10.0.0.1', '::1'], delayMs: 40 });
    let answer = '';
    const lookup = outcomeOf(resolver.resolve('two.test')).then((text) => (answer = text));
    clock.advanceTo(39);
    await Promise.resolve();
    expect(answer).toBe('');
    expect(resolver.pending).toBe(1);
    clock.advanceTo(40);
    await lookup;
    expect(answer).toBe('10.0.0.1 ::1');
    expect(resolver.pending).toBe(0);
    expect(resolver.lookups).toEqual(['two.test']);
  });

  it('goes through the answers of a name, and stays at the last', async () => {
    const clock = new VirtualClock();
    const resolver = new MemoryResolver(clock).script('flaky.test', { error: 'timedOut' }, {}, { addresses: ['10.0.0.2'] });
    const outcomes: string[] = [];
    for (let round = 0; round < 4; round++) {
      const lookup = outcomeOf(resolver.resolve('flaky.test'));
      clock.advanceBy(0);
      outcomes.push(await lookup);
    }
    expect(outcomes).toEqual(['resolve timedOut', 'resolve notFound', '10.0.0.2', '10.0.0.2']);
  });

  it('takes an address for its own, and does not know other names', async () => {
    const clock = new VirtualClock();
    const resolver = new MemoryResolver(clock);
    const lookups = ['127.0.0.1', '::1', 'nowhere.test'].map((host) => outcomeOf(resolver.resolve(host)));
    clock.advanceBy(0);
    expect(await Promise.all(lookups)).toEqual(['127.0.0.1', '::1', 'resolve notFound']);
  });

  it('gives a look-up up when its signal says so, before and during it', async () => {
    const clock = new VirtualClock();
    const resolver = new MemoryResolver(clock).script('slow.test', { addresses: ['10.0.0.3'], delayMs: 1000 });
    resolver.script('silent.test', { delayMs: Infinity });
    const slow = new AbortController();
    const silent = new AbortController();
    const lookups = [resolver.resolve('slow.test', slow.signal), resolver.resolve('silent.test', silent.signal), resolver.resolve('slow.test', AbortSignal.abort())].map(outcomeOf);
    expect(resolver.pending).toBe(2);
    slow.abort();
    silent.abort();
    expect(await Promise.all(lookups)).toEqual(['resolve closed', 'resolve closed', 'resolve closed']);
    expect(resolver.pending).toBe(0);
    expect(clock.pending).toBe(0);
  });
});
