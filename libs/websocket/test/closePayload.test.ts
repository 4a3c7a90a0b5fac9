import { describe, expect, it } from 'vitest';
import { checkClosePayload, encodeClosePayload, readCloseCode } from '../src/closePayload.ts';
import { UsageError } from '../src/failure.ts';

describe('Close payload (RFC 6455, section 5.5.1)', () => {
  it('is empty, or a code and a reason', () => {
    expect(encodeClosePayload(null, 'ignored')).toHaveLength(0);
    expect([...encodeClosePayload(1000, '')]).toEqual([3, 0xe8]);
    expect([...encodeClosePayload(4999, 'é')]).toEqual([0x13, 0x87, 0xc3, 0xa9]);
    expect(readCloseCode(Uint8Array.of(9, 0x13, 0x87), 1)).toBe(4999);
  });

  it('is not made with a code that may not be sent or a reason that does not fit', () => {
    expect(() => encodeClosePayload(1005, '')).toThrow(UsageError);
    expect(() => encodeClosePayload(1000, 'x'.repeat(124))).toThrow(UsageError);
    expect(encodeClosePayload(1000, 'x'.repeat(123))).toHaveLength(125);
  });

  it.each([
    [[], null],
    [[3], 'closePayloadTooShort'],
    [[3, 0xe8], null],
    [[3, 0xed], 'closeCodeInvalid'],
    [[3, 0xe8, 0x61], null],
    [[3, 0xe8, 0xff], 'closeReasonInvalid'],
    [[3, 0xe8, 0xc3], 'closeReasonInvalid'],
  ])('%j: %s', (bytes, wrong) => {
    expect(checkClosePayload(Uint8Array.of(7, ...bytes, 7), 1, 1 + bytes.length)).toBe(wrong);
  });
});
