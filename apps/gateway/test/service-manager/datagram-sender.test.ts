import { describe, expect, it } from 'vitest';
import { openDatagramSender, socketAddress } from '../../src/service-manager/datagram-sender.ts';
import { DatagramReceiver } from './datagram-receiver.ts';

const hasFfi = process.getBuiltinModule('node:ffi') !== undefined && process.platform === 'linux';

describe('socketAddress', () => {
  it('ends a path with a zero, and begins an abstract name with one (unix(7))', () => {
    expect(Buffer.from(socketAddress('/run/n')!).toString('latin1')).toBe('\x01\0/run/n\0');
    expect(Buffer.from(socketAddress('@n')!).toString('latin1')).toBe('\x01\0\0n');
  });

  it.each(['', '@', 'run/n', 'vsock:2:1', `/${'a'.repeat(107)}`])('is null for %j', (path) => {
    expect(socketAddress(path)).toBeNull();
  });
});

describe.runIf(hasFfi)('openDatagramSender', () => {
  it.each(['path', 'abstract'] as const)('reaches a receiver by its %s', async (kind) => {
    const receiver = await DatagramReceiver.start(kind);
    const sender = openDatagramSender(receiver.address)!;
    expect(sender.send('READY=1\nSTATUS=größer')).toBe('sent');
    expect(await receiver.next()).toBe('READY=1\nSTATUS=größer');
    sender.close();
    sender.close();
    expect(sender.send('READY=1')).toBe('failed');
    await receiver.stop();
  });

  it('says that nobody receives, and that the queue is full', async () => {
    const nobody = openDatagramSender('@sluice-nobody-receives-here')!;
    expect(nobody.send('READY=1')).toBe('failed');
    nobody.close();
    const receiver = await DatagramReceiver.start('path');
    receiver.pause();
    const sender = openDatagramSender(receiver.address)!;
    const results = new Set(Array.from({ length: 5000 }, () => sender.send('WATCHDOG=1')));
    expect(results).toEqual(new Set(['sent', 'busy']));
    sender.close();
    await receiver.stop();
  });
});
