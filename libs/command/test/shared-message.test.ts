import { Pool } from '@sluice/brigade';
import { describe, expect, it } from 'vitest';
import { encodeSharedMessage, UsageError } from '../src/index.ts';
import { bytesOf, server, textOf } from './wire.ts';

describe('encodeSharedMessage', () => {
  it('makes one shared bucket', () => {
    const pool = new Pool('publisher');
    const bucket = encodeSharedMessage(pool, 'žluť.日本', 7, 'h1f', bytesOf('xhellox'), 1, 6);
    expect(bucket.type.name).toBe('shared');
    const bytes = bucket.bytes as Uint8Array;
    expect(textOf(bytes.subarray(bucket.start, bucket.start + bucket.length))).toBe('MSG žluť.日本\r\nOffset: 7\r\nEpoch: h1f\r\nSize: 5\r\n\r\nhello');
    bucket.release();
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('has further headers', () => {
    const pool = new Pool('publisher');
    const bucket = encodeSharedMessage(pool, 't', 7, null, bytesOf('x'), 0, 1, ['Position', 'h1f:42', 'Place', 'žluť']);
    const bytes = bucket.bytes as Uint8Array;
    expect(textOf(bytes.subarray(bucket.start, bucket.start + bucket.length))).toBe('MSG t\r\nOffset: 7\r\nPosition: h1f:42\r\nPlace: žluť\r\nSize: 1\r\n\r\nx');
    bucket.release();
    expect(() => encodeSharedMessage(pool, 't', 7, null, bytesOf('x'), 0, 1, ['a\r\n', 'b'])).toThrow(UsageError);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('is freed by its last receiver', () => {
    const pool = new Pool('publisher');
    const bucket = encodeSharedMessage(pool, 't', 0, null, new Uint8Array(0));
    const receivers = [server(), server()];
    for (const engine of receivers) engine.sendShared(bucket);
    bucket.release();
    expect(pool.outstanding().bytes).toBe(bucket.length);
    for (const { output } of receivers) output.consume(output.length);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('takes payloads of any size', () => {
    const pool = new Pool('publisher');
    const bucket = encodeSharedMessage(pool, 't', 2 ** 53 - 1, null, new Uint8Array(1_000_000));
    expect(bucket.length).toBe('MSG t\r\nOffset: 9007199254740991\r\nSize: 1000000\r\n\r\n'.length + 1_000_000);
    bucket.release();
  });

  it('refuses what would not be one message, and makes nothing', () => {
    const pool = new Pool('publisher');
    const none = new Uint8Array(0);
    for (const wrong of [
      () => encodeSharedMessage(pool, 'a b', 1, null, none),
      () => encodeSharedMessage(pool, '', 1, null, none),
      () => encodeSharedMessage(pool, 'a\r\nOffset: 9', 1, null, none),
      () => encodeSharedMessage(pool, 'a', -1, null, none),
      () => encodeSharedMessage(pool, 'a', 1.5, null, none),
      () => encodeSharedMessage(pool, 'a', 1, 'e\n', none),
      () => encodeSharedMessage(pool, 'a', 1, '', none),
      () => encodeSharedMessage(pool, 'a', 1, null, none, 0, 1),
      () => encodeSharedMessage(pool, 'x'.repeat(8064), 1, null, none),
    ]) {
      expect(wrong).toThrow(UsageError);
    }
    expect(pool.outstanding().bytes).toBe(0);
  });
});
