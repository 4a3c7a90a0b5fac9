import type { Assertion, TransportSetUp } from '@sluice/transport/compliance';
import { checkTransport } from '@sluice/transport/compliance';
import type { Endpoint, EndpointSink, Transport } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { memorySetUp } from './memory-set-up.ts';

/** Changes the sink that an endpoint reports to, and the endpoint that its owner uses. */
interface Sabotage {
  sink?(sink: EndpointSink, endpoint: Endpoint): Partial<EndpointSink>;
  endpoint?(endpoint: Endpoint): Partial<Endpoint>;
}

/** A view of `target` in which some members are others. */
function altered<T extends object>(target: T, changes: Partial<T>): T {
  return new Proxy(target, {
    get(object, key) {
      const value: unknown = key in changes ? changes[key as keyof T] : Reflect.get(object, key, object);
      return typeof value === 'function' ? value.bind(object) : value;
    },
  });
}

function sabotaged({ sink, endpoint: change }: Sabotage): TransportSetUp {
  const setUp = memorySetUp('sabotaged', { seed: 1 });
  const wrap = (endpoint: Endpoint): Endpoint => {
    const changed = change === undefined ? endpoint : altered(endpoint, change(endpoint));
    return altered(changed, { attach: (owner) => changed.attach(sink === undefined ? owner : altered(owner, sink(owner, endpoint))) });
  };
  return {
    ...setUp,
    adopts: false,
    async open() {
      const under = await setUp.open();
      const { transport } = under;
      const wrapped: Transport = {
        name: transport.name,
        listen: (options, owner) => transport.listen(options, altered(owner, { onAccept: (endpoint) => owner.onAccept(wrap(endpoint)) })),
        connect: async (options) => wrap(await transport.connect(options)),
      };
      return { ...under, transport: wrapped };
    },
  };
}

/** Runs the suite outside of the test runner, up to the first case that fails, and answers its name. */
async function firstFailure(setUp: TransportSetUp): Promise<string | null> {
  const cases = new Map<string, () => Promise<void>>();
  checkTransport({ describe: (_name, body) => body(), it: (name, body) => void cases.set(name, body), expect: (actual, message): Assertion => expect(actual, message) }, setUp);
  for (const [name, body] of cases) {
    try {
      await body();
    } catch {
      return name;
    }
  }
  return null;
}

const sabotages: Record<string, Sabotage> = {
  'loses the last byte of a read': {
    sink: (sink) => ({ onBytes: (bytes, start, end) => sink.onBytes(bytes, start, Math.max(start + 1, end - 1)) }),
  },
  'swaps two bytes of a long read': {
    sink: (sink) => ({
      onBytes(bytes, start, end) {
        if (end - start > 1000) [bytes[start], bytes[start + 1]] = [bytes[start + 1], bytes[start]];
        sink.onBytes(bytes, start, end);
      },
    }),
  },
  'ignores a pause': { endpoint: (endpoint) => ({ setReading: (wanted) => (wanted ? endpoint.setReading(true) : undefined) }) },
  'never ends': { sink: () => ({ onEnd() {} }) },
  'ends twice': { sink: (sink) => ({ onEnd: () => (sink.onEnd(), sink.onEnd()) }) },
  'never tells of progress': { sink: () => ({ onProgress() {} }) },
  'closes twice': { sink: (sink) => ({ onClose: (error) => (sink.onClose(error), sink.onClose(error)) }) },
  'closes without an error': { sink: (sink) => ({ onClose: () => sink.onClose(null) }) },
  'closes from inside the call': {
    endpoint: (endpoint) => {
      let owner: EndpointSink | null = null;
      return { attach: (sink) => endpoint.attach((owner = sink)), close: () => (endpoint.close(), owner?.onClose(null)) };
    },
  },
  'forgets to shut down': { endpoint: () => ({ shutdown() {} }) },
  'leaves the brigade full': { endpoint: () => ({ write() {} }) },
  'aborts where it should shut down': { endpoint: (endpoint) => ({ shutdown: () => endpoint.abort() }) },
  'closes where it should abort': { endpoint: (endpoint) => ({ abort: () => endpoint.close() }) },
  'drops what is written': { endpoint: () => ({ write: (brigade) => brigade.destroy() }) },
  'counts what is queued wrongly': {
    endpoint: (endpoint) => ({
      get queuedBytes() {
        return endpoint.queuedBytes + 1;
      },
    }),
  },
  'sends transient bytes late': {
    endpoint: (endpoint) => ({
      write(brigade) {
        for (let index = 0; index < brigade.count; index++) {
          const bucket = brigade.at(index);
          if (bucket.type.name === 'transient') bucket.bytes?.fill(0);
        }
        endpoint.write(brigade);
      },
    }),
  },
};

describe('the compliance suite', () => {
  it('passes the memory transport when nothing is changed', async () => {
    expect(await firstFailure(sabotaged({}))).toBe(null);
  });

  it.each(Object.keys(sabotages))('finds a transport that %s', async (name) => {
    expect(await firstFailure(sabotaged(sabotages[name]))).not.toBe(null);
  });
});
