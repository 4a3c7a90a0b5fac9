// Status codes of close frames (RFC 6455, section 7.4, and the IANA registry) and which of them may stand on the wire.

export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  ProtocolError: 1002,
  UnsupportedData: 1003,
  /** Never sent: the close frame had no code. */
  NoStatus: 1005,
  /** Never sent: the connection ended without a close frame. */
  Abnormal: 1006,
  InvalidPayload: 1007,
  PolicyViolation: 1008,
  MessageTooBig: 1009,
  MandatoryExtension: 1010,
  InternalError: 1011,
  ServiceRestart: 1012,
  TryAgainLater: 1013,
  BadGateway: 1014,
} as const;

/** The longest reason in bytes: a control frame's 125 less the two of the code. */
export const maxCloseReasonBytes = 123;

/**
 * Whether a close frame may carry this code: 1000–1014 but for the three that are never sent (1004 has no meaning,
 * 1005 and 1006 are for local use), 3000–3999 (registered), 4000–4999 (private). The rest is reserved (section 7.4.2).
 */
export function isSendableCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}
