// Whether a request's body is text or binary: what it says, and otherwise what its bytes are.

import { isUtf8 } from 'node:buffer';
import type { PayloadKind } from '@sluice/hub';

/** `bytes[start, end)` is the whole body. */
export function payloadKind(contentType: string | null, bytes: Uint8Array, start: number, end: number): PayloadKind {
  if (contentType !== null && /^application\/octet-stream\s*(?:;|$)/i.test(contentType)) return 'binary';
  return isUtf8(bytes.subarray(start, end)) ? 'text' : 'binary';
}
