import type { HttpExchange } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { EventFeed } from '../../src/inspection/event-feed.ts';

/** An exchange that takes so many bytes. */
function feedOf(room: number) {
  const told: string[] = [];
  let text = '';
  const exchange = {
    onAbort: null as (() => void) | null,
    onWritable: null as (() => void) | null,
    session: { connection: { admit: (bytes: number) => bytes <= room } },
    begin: (status: number, fields: readonly string[]) => told.push(`${status} ${fields[1]}`),
    write: (bytes: Uint8Array, start: number, end: number) => {
      text += Buffer.from(bytes.subarray(start, end)).toString();
      room -= end - start;
    },
    end: () => told.push('end'),
  };
  const feed = new EventFeed(exchange as unknown as HttpExchange, () => told.push('writable'), () => told.push('ended'));
  return { feed, exchange, told, text: () => text };
}

describe('EventFeed', () => {
  it('writes what there is room for, and nothing of what there is not', () => {
    const { feed, text, told } = feedOf(60);
    expect(told).toEqual(['200 text/event-stream']);
    expect(feed.send('step', '{"a":1}')).toBe(true);
    expect(feed.send('step', '{"a":2}')).toBe(false);
    expect(text()).toBe('event: step\ndata: {"a":1}\n\n');
  });

  it('ends once, by itself or because the reader has gone', () => {
    const mine = feedOf(1000);
    mine.feed.end();
    mine.feed.end();
    expect(mine.told.slice(1)).toEqual(['end', 'ended']);
    expect([mine.feed.send('step', '1'), mine.feed.sendComment(), mine.feed.isOpen]).toEqual([false, false, false]);
    const theirs = feedOf(1000);
    theirs.exchange.onAbort!();
    theirs.feed.end();
    expect(theirs.told.slice(1)).toEqual(['ended']);
  });

  it('writes nothing when asking for room has ended it', () => {
    const { feed, exchange, text, told } = feedOf(1000);
    exchange.session.connection.admit = () => {
      exchange.onAbort!();
      return true;
    };
    expect([feed.send('step', '1'), text(), told.at(-1), feed.isOpen]).toEqual([false, '', 'ended', false]);
  });

  it('passes on that there is room again', () => {
    const { exchange, told } = feedOf(10);
    exchange.onWritable!();
    expect(told.at(-1)).toBe('writable');
  });
});
