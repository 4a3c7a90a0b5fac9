import { Pool } from '@sluice/brigade';
import { Hub } from '@sluice/hub';
import { expect, it } from 'vitest';
import { defineMessageEncodings } from '../../src/command/message-encodings.ts';

it('A publication is one MSG, with the hub’s position for those who listen to many topics', () => {
  const pool = new Pool('test');
  const hub = new Hub({ pool, now: () => 0, wallClock: () => 0, random: () => 0.5 });
  const slots = defineMessageEncodings(hub);
  hub.publish('other', Buffer.from('-'), 0, 1, 'text');
  hub.publish('žluť', Buffer.from('xhéx'), 1, 4, 'text');
  const [publication] = hub.history('žluť').publications;
  const text = (slot: number) => {
    const { bytes, start, length } = publication!.encoding(slot);
    return Buffer.from(bytes!.subarray(start, start + length)).toString();
  };
  const { epoch } = publication!;
  expect(text(slots.message)).toBe(`MSG žluť\r\nOffset: 1\r\nEpoch: ${epoch}\r\nSize: 3\r\n\r\nhé`);
  expect(text(slots.hubMessage)).toBe(`MSG žluť\r\nOffset: 1\r\nEpoch: ${epoch}\r\nPosition: ${hub.epoch}:2\r\nSize: 3\r\n\r\nhé`);
  expect(publication!.encoding(slots.message)).toBe(publication!.encoding(slots.message));
  hub.destroy();
  expect(pool.outstanding().bytes).toBe(0);
});
