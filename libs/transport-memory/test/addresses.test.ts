import { TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { Addresses } from '../src/addresses.ts';

function failure(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof TransportError) return `${error.operation} ${error.kind}`;
    throw error;
  }
  return 'none';
}

describe('addresses', () => {
  it('give free ports for port 0, and the port asked for otherwise', () => {
    const addresses = new Addresses<string>(['a']);
    const first = addresses.bind({ host: 'a', port: 0 }, 'one');
    const second = addresses.bind({ host: 'a', port: 0 }, 'two');
    expect(first.port).not.toBe(second.port);
    expect(addresses.bind({ host: 'a', port: 80 }, 'three')).toEqual({ host: 'a', port: 80 });
    expect(addresses.find({ host: 'a', port: 80 })).toBe('three');
    expect(addresses.find(second)).toBe('two');
  });

  it('are taken until they are released', () => {
    const addresses = new Addresses<string>(['a', 'b']);
    const address = addresses.bind({ host: 'a', port: 80 }, 'one');
    expect(failure(() => addresses.bind(address, 'two'))).toBe('listen addressInUse');
    expect(failure(() => addresses.bind({ host: 'b', port: 80 }, 'two'))).toBe('none');
    addresses.release(address);
    expect(failure(() => addresses.find(address))).toBe('connect connectionRefused');
    expect(failure(() => addresses.bind(address, 'two'))).toBe('none');
  });

  it('know wildcards: they serve every host, and collide with each', () => {
    const addresses = new Addresses<string>(['a', 'b']);
    const all = addresses.bind({ host: '::', port: 80 }, 'all');
    expect(addresses.find({ host: 'b', port: 80 })).toBe('all');
    expect(failure(() => addresses.bind({ host: 'a', port: 80 }, 'a'))).toBe('listen addressInUse');
    addresses.release(all);
    addresses.bind({ host: 'a', port: 80 }, 'a');
    expect(failure(() => addresses.bind({ host: '0.0.0.0', port: 80 }, 'all'))).toBe('listen addressInUse');
  });

  it('name what is wrong with others', () => {
    const addresses = new Addresses<string>(['a']);
    expect(failure(() => addresses.bind({ host: '192.0.2.1', port: 80 }, 'x'))).toBe('listen addressNotAvailable');
    expect(failure(() => addresses.bind({ host: 'a', port: 70_000 }, 'x'))).toBe('listen other');
    expect(failure(() => addresses.find({ host: '192.0.2.1', port: 80 }))).toBe('connect unreachable');
    expect(failure(() => addresses.find({ host: '2001:db8::1', port: 80 }))).toBe('connect unreachable');
    expect(failure(() => addresses.find({ host: 'nowhere.invalid', port: 80 }))).toBe('resolve notFound');
  });

  it('pass over taken ports when they pick one, and say when none is left', () => {
    const addresses = new Addresses<number>(['a']);
    addresses.bind({ host: 'a', port: 49_152 }, 0);
    expect(addresses.ephemeralPort()).toBe(49_153);
    for (let count = 1; count < 65_536 - 49_152; count++) addresses.bind({ host: 'a', port: 0 }, count);
    expect(failure(() => addresses.bind({ host: 'a', port: 0 }, 1))).toBe('listen addressNotAvailable');
  });
});
