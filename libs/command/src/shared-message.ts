// A publication for many receivers: encoded once, into one shared bucket that every receiver's output refers to.

import { type Bucket, type Pool, reserveShared } from '@sluice/brigade';
import { decimal, wordBytes } from './line-text.ts';
import { writeText } from './utf8.ts';
import { checkHeadBytes, type HeaderList, headerBytes, headerText, spanBytes } from './writer.ts';

const none: HeaderList = [];

/**
 * `MSG topic`, its Offset, its Epoch unless that is null, further headers, its Size, and `bytes[start, end)`, in a shared bucket with
 * one reference, the caller's: hand it to `sendShared` of any number of engines, then `release()` it. Throws `UsageError` for a topic
 * or an epoch that is not one word, for an offset that is not an integer from 0 to 2^53 - 1, and for headers that are none.
 */
export function encodeSharedMessage(
  pool: Pool,
  topic: string,
  offset: number,
  epoch: string | null,
  bytes: Uint8Array,
  start = 0,
  end: number = bytes.length,
  headers: HeaderList = none,
): Bucket {
  const size = spanBytes(bytes, start, end);
  let textBytes = wordBytes(topic, 'the topic');
  let behind = `\r\nOffset: ${decimal(offset, 'Offset')}`;
  if (epoch !== null) {
    textBytes += wordBytes(epoch, 'the epoch') - epoch.length;
    behind += `\r\nEpoch: ${epoch}`;
  }
  const more = headerText(headers);
  textBytes += headerBytes(headers) - more.length;
  behind += more;
  behind += `\r\nSize: ${size}\r\n\r\n`;
  const head = 'MSG '.length + textBytes + behind.length;
  checkHeadBytes(head);
  const message = reserveShared(pool, head + size);
  const into = message.bytes as Uint8Array;
  const at = writeText(into, writeText(into, writeText(into, message.start, 'MSG '), topic), behind);
  into.set(bytes.subarray(start, end), at);
  return message;
}
