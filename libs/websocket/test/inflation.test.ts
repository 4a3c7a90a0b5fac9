import { describe, expect, it } from 'vitest';
import type { DeflateFactory, DeflateParameters } from '../src/deflate.ts';
import { Inflation, maxDeflatedBytes } from '../src/inflation.ts';

const parameters: DeflateParameters = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: false,
  serverMaxWindowBits: 10,
  clientMaxWindowBits: 12,
};

/** A factory that only writes down what is asked of it. */
function recorder(): { factory: DeflateFactory; log: string[] } {
  const log: string[] = [];
  const factory: DeflateFactory = {
    minWindowBits: 9,
    deflater: () => {
      throw new Error('not for receiving');
    },
    inflater: ({ windowBits }) => {
      log.push(`open ${windowBits}`);
      return { inflate: (bytes) => bytes, reset: () => log.push('reset'), close: () => log.push('close') };
    },
  };
  return { factory, log };
}

const bytes = new Uint8Array(3);

describe('Inflation', () => {
  it('of a server keeps one inflater of the client’s window, made when it is needed', () => {
    const { factory, log } = recorder();
    const inflation = new Inflation({ factory, parameters }, 'server');
    expect(log).toEqual([]);
    for (let count = 0; count < 3; count++) inflation.inflate(bytes, 0, 3, true, 100);
    expect(log).toEqual(['open 12']);
    inflation.close();
    inflation.close();
    expect(log).toEqual(['open 12', 'close']);
  });

  it('of a client whose server begins anew takes one of the server’s window for each message', () => {
    const { factory, log } = recorder();
    const inflation = new Inflation({ factory, parameters }, 'client');
    inflation.inflate(bytes, 0, 3, false, 100);
    inflation.inflate(bytes, 0, 3, true, 100);
    expect(log).toEqual(['open 10', 'close']);
    inflation.inflate(bytes, 0, 3, true, 100);
    expect(log).toEqual(['open 10', 'close', 'open 10', 'close']);
  });
});

it('allows for what deflate adds to noise', () => {
  expect(maxDeflatedBytes(0)).toBeGreaterThan(5);
  expect(maxDeflatedBytes(1024 * 1024)).toBeGreaterThan(1024 * 1024 * 1.01);
});
