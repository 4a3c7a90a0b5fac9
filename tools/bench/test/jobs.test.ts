import { describe, expect, it } from 'vitest';
import { fileName, jobsFor, sourceAddresses } from '../src/jobs.ts';

const jobs = (work: Parameters<typeof jobsFor>[0]) => jobsFor(work, 8080, sourceAddresses());

describe('jobs', () => {
  it('give every process an address of its own', () => {
    const addresses = sourceAddresses();
    const seen = Array.from({ length: 60_000 }, () => addresses.next().value);
    expect(new Set(seen).size).toBe(60_000);
    const isLoopback = (address: string): boolean =>
      address.startsWith('127.') && address.split('.').every((part) => Number(part) <= 255);
    expect(seen.filter((address) => !isLoopback(address))).toEqual([]);
  });

  it('split connections over processes of at most 5,000, with one publisher', () => {
    const split = jobs({ kind: 'fanout', connections: 12_001, inFlight: 1, bytes: 64 });
    expect(split.map((job) => [job.connections, job.kind === 'fanout' && job.share])).toEqual([
      [4001, 'publisher'],
      [4000, 'subscriber'],
      [4000, 'subscriber'],
    ]);
    expect(new Set(split.map(({ localAddress }) => localAddress)).size).toBe(3);
    expect(jobs({ kind: 'fanout', connections: 1000, inFlight: 1, bytes: 64 })).toMatchObject([{ share: 'alone' }]);
    expect(jobs({ kind: 'idle', connections: 10_000 })).toMatchObject([{ connections: 5000 }, { connections: 5000 }]);
  });

  it('say whether it is over TLS', () => {
    const work = { kind: 'echo', connections: 1, inFlight: 1, bytes: 64 } as const;
    expect(jobsFor(work, 1, sourceAddresses(), true)).toMatchObject([{ secure: true }]);
    expect(jobs(work)).toMatchObject([{ secure: false }]);
  });

  it('ask for files and publish over HTTP', () => {
    const get = jobs({ kind: 'static', connections: 2, bytes: 16_384 });
    expect(get).toMatchObject([{ kind: 'request', port: 8080, connections: 2 }]);
    expect(get[0]).toHaveProperty('request', `GET /${fileName(16_384)} HTTP/1.1\r\nHost: bench\r\n\r\n`);
    const [post] = jobs({ kind: 'publish', connections: 1, bytes: 64 });
    expect(post).toHaveProperty('request', expect.stringMatching(/^POST .*Content-Length: 64\r\n\r\nx{64}$/s));
  });
});
