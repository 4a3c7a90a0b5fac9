import { describe, expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { Meter, formatBytes } = await pageModule('meter');

describe('a meter', () => {
  it('gives the messages of the last second, and keeps a minute', () => {
    const meter = new Meter();
    for (let second = 0; second < 70; second++) {
      for (let message = 0; message < second; message++) meter.received(2);
      meter.tick();
    }
    expect(meter.rate).toBe(69);
    expect(meter.perSecond).toEqual(Array.from({ length: 60 }, (_, index) => index + 10));
    expect(meter.receivedBytes).toBe(2 * meter.messages);
  });

  it('begins anew', () => {
    const meter = new Meter();
    meter.received(5);
    meter.tick();
    meter.reset();
    meter.tick();
    expect([meter.messages, meter.receivedBytes, meter.rate]).toEqual([0, 0, 0]);
  });
});

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1_048_575, '1.0 MiB'],
  [1_572_864, '1.5 MiB'],
  [5 * 2 ** 40, '5.0 TiB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
