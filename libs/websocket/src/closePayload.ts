// The payload of a close frame (RFC 6455, section 5.5.1): nothing, or two bytes of code and then a reason in UTF-8.

import { isSendableCloseCode, maxCloseReasonBytes } from './closeCodes.ts';
import { UsageError, type FailureCode } from './failure.ts';
import { checkUtf8, encodeUtf8, utf8Start } from './utf8.ts';

const nothing = new Uint8Array(0);

/**
 * Writes one; `null` makes it empty.
 * @throws UsageError a code that may not be sent, or a reason over 123 bytes
 */
export function encodeClosePayload(code: number | null, reason: string): Uint8Array {
  if (code === null) return nothing;
  if (!isSendableCloseCode(code)) throw new UsageError('closeCodeInvalid', `close code ${code} may not be sent`);
  const text = encodeUtf8(reason);
  if (text.length > maxCloseReasonBytes) {
    throw new UsageError('closeReasonTooLong', `a close reason has ${maxCloseReasonBytes} bytes at most, this one ${text.length}`);
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}

/** What is wrong with the payload `bytes[start, end)` a peer sent; `null` if nothing is. */
export function checkClosePayload(bytes: Uint8Array, start: number, end: number): FailureCode | null {
  if (start === end) return null;
  if (end - start === 1) return 'closePayloadTooShort';
  if (!isSendableCloseCode(readCloseCode(bytes, start))) return 'closeCodeInvalid';
  return checkUtf8(utf8Start, bytes, start + 2, end) === utf8Start ? null : 'closeReasonInvalid';
}

/** The code at the start of a payload that is not empty. */
export function readCloseCode(bytes: Uint8Array, start: number): number {
  return (bytes[start] << 8) | bytes[start + 1];
}
