// A transport's failure in the few words that a log needs.

import type { TransportError } from '@sluice/transport';

/** `handshake failed: untrusted (CERT_HAS_EXPIRED)`: without OpenSSL's own text, which names threads and lines of its source. */
export function failureText({ operation, kind, code }: TransportError): string {
  return `${operation} failed: ${kind}${code === kind ? '' : ` (${code})`}`;
}
