// What is picked and how; that it works is the compliance suite's.

import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { createNodeTransport } from '../src/index.ts';
import { nativeIo } from '../src/native-io.ts';
import { tcpInternals } from '../src/tcp-handle.ts';

describe('createNodeTransport', () => {
  it('picks the best way there is', () => {
    const best = nativeIo() !== null ? 'native' : tcpInternals() !== null ? 'handles' : 'sockets';
    expect(createNodeTransport().path).toBe(best);
  });

  it('does without what is turned off', () => {
    expect(createNodeTransport({ nativeIo: 'off' }).path).not.toBe('native');
    expect(createNodeTransport({ bareHandles: 'off' }).path).toBe('sockets');
    expect(createNodeTransport({ bareHandles: 'off', nativeIo: 'off' }).path).toBe('sockets');
  });

  it('listens again on a port that was given up, at once', async () => {
    const transport = createNodeTransport({ pool: new Pool() });
    const sink = { onAccept() {}, onError() {}, onClose() {} };
    const first = await transport.listen({ host: '127.0.0.1', port: 0 }, sink);
    first.close();
    const second = await transport.listen({ host: '127.0.0.1', port: first.address.port }, sink);
    expect(second.address).toEqual(first.address);
    second.close();
  });
});
