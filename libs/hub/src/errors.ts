// Everything the hub refuses, by name: whose fault it is, and what an HTTP peer is told.

/** A name a peer sent is not a topic, or not a pattern. */
export type TopicErrorCode =
  | 'topicEmpty'
  | 'topicTooLong'
  | 'tooManyTokens'
  | 'tokenEmpty'
  | 'characterForbidden'
  | 'wildcardInTopic'
  | 'wildcardMisplaced';

export type HubErrorCode =
  | TopicErrorCode
  | 'payloadTooLarge'
  | 'tooManySubscriptions'
  | 'tooManyTags'
  | 'tagInvalid'
  | 'positionKindMismatch'
  | 'positionInvalid'
  | 'publishLoop'
  | 'memberLeft'
  | 'hubDestroyed'
  | 'encodingUnknown'
  | 'configurationInvalid';

/** `peer`: what came over the wire was wrong. `caller`: the program that uses the hub is. */
export type HubFault = 'peer' | 'caller';

const peerStatus: Readonly<Partial<Record<HubErrorCode, number>>> = {
  topicEmpty: 400,
  topicTooLong: 414,
  tooManyTokens: 400,
  tokenEmpty: 400,
  characterForbidden: 400,
  wildcardInTopic: 400,
  wildcardMisplaced: 400,
  payloadTooLarge: 413,
  tooManySubscriptions: 429,
  tooManyTags: 429,
  tagInvalid: 400,
  positionKindMismatch: 400,
  positionInvalid: 400,
};

/** Thrown by the hub's methods. `status` is what an HTTP peer is due: 4xx for its own faults, 500 for the caller's. */
export class HubError extends Error {
  override readonly name = 'HubError';
  readonly code: HubErrorCode;
  readonly fault: HubFault;
  readonly status: number;
  /** The message without the code, for people. */
  readonly detail: string;

  constructor(code: HubErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.detail = detail;
    const status = peerStatus[code];
    this.code = code;
    this.fault = status === undefined ? 'caller' : 'peer';
    this.status = status ?? 500;
  }
}
