import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CommandNotifier, DatagramNotifier, openNotifier } from '../../src/service-manager/notifier.ts';
import type { SendResult } from '../../src/service-manager/datagram-sender.ts';
import { DatagramReceiver } from './datagram-receiver.ts';

function hasCommand(): boolean {
  try {
    execFileSync('systemd-notify', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

afterEach(() => vi.useRealTimers());

describe('openNotifier', () => {
  it('delivers to a socket, in order, whatever way this Node has', async () => {
    const receiver = await DatagramReceiver.start('path');
    const failures: string[] = [];
    const notifier = openNotifier(receiver.address, (error) => void failures.push(error));
    notifier.send('READY=1', 'STATUS=Serving');
    notifier.send('STOPPING=1');
    expect([await receiver.next(), await receiver.next()].map((text) => text.trim())).toEqual(['READY=1\nSTATUS=Serving', 'STOPPING=1']);
    await notifier.close();
    expect(failures).toEqual([]);
    await receiver.stop();
  });
});

describe('DatagramNotifier', () => {
  it('keeps what a full queue does not take, sends it later in order, and keeps no more than 16', () => {
    vi.useFakeTimers();
    let result: SendResult = 'busy';
    const sent: string[] = [];
    const send = (text: string): SendResult => {
      if (result === 'sent') sent.push(text);
      return result;
    };
    const notifier = new DatagramNotifier({ send, close: () => {} }, () => {});
    for (let number = 0; number < 20; number++) notifier.send(`STATUS=${number}`);
    result = 'sent';
    vi.advanceTimersByTime(100);
    expect(sent).toEqual(Array.from({ length: 16 }, (_, index) => `STATUS=${index + 4}`));
  });

  it('reports a message that nobody receives, and goes on', () => {
    const failures: string[] = [];
    const notifier = new DatagramNotifier({ send: () => 'failed', close: () => {} }, (error) => void failures.push(error));
    notifier.send('READY=1', 'STATUS=Serving');
    notifier.send('WATCHDOG=1');
    expect(failures).toEqual(['READY=1 could not be sent', 'WATCHDOG=1 could not be sent']);
  });
});

describe.runIf(hasCommand())('CommandNotifier', () => {
  it('sends by systemd-notify, in order', async () => {
    const receiver = await DatagramReceiver.start('abstract');
    const failures: string[] = [];
    const notifier = new CommandNotifier(receiver.address, (error) => void failures.push(error));
    notifier.send('RELOADING=1', 'MONOTONIC_USEC=5');
    notifier.send('READY=1', 'STATUS=Serving on');
    const messages = [];
    while (messages.length < 2) {
      const message = await receiver.next();
      // The command adds one of its own, to wait until the manager has read the others.
      if (!message.startsWith('BARRIER=')) messages.push(message.trim());
    }
    expect(messages).toEqual(['RELOADING=1\nMONOTONIC_USEC=5', 'READY=1\nSTATUS=Serving on']);
    await notifier.close();
    expect(failures).toEqual([]);
    await receiver.stop();
  });

  it('reports a failure, and close() resolves', async () => {
    const failures: string[] = [];
    const notifier = new CommandNotifier('/nowhere/notify', (error) => void failures.push(error));
    notifier.send('READY=1');
    await notifier.close();
    expect(failures).toEqual([expect.stringMatching(/^systemd-notify: /)]);
  });
});
