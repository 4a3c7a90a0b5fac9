// Names; what every resolver does is the compliance suite's.

import { describe, expect, it } from 'vitest';
import { resolveHost } from '../src/resolver.ts';

describe('resolveHost', () => {
  it('finds the loopback addresses of localhost', async () => {
    const addresses = await resolveHost('localhost');
    expect(addresses.every((address) => ['127.0.0.1', '::1'].includes(address))).toBe(true);
  });

  it('leaves an address as it is, with its zone', async () => {
    await expect(resolveHost('fe80::1%lo')).resolves.toEqual(['fe80::1%lo']);
  });

  it('says that an unknown name is not found', async () => {
    await expect(resolveHost('host.invalid')).rejects.toMatchObject({ operation: 'resolve' });
  });

  it('rejects what cannot be a name, too', async () => {
    for (const host of ['', 'a\0b', 'x'.repeat(300)]) {
      await expect(resolveHost(host), JSON.stringify(host)).rejects.toMatchObject({ operation: 'resolve' });
    }
  });

  it('obeys an AbortSignal, and drops an answer that comes late', async () => {
    const controller = new AbortController();
    const attempt = resolveHost('localhost', controller.signal);
    controller.abort();
    await expect(attempt).rejects.toMatchObject({ operation: 'resolve', kind: 'closed' });
    await resolveHost('localhost');
  });
});
