export { Http1Engine, type Http1Options } from './engine.ts';
export { Http1Event, type Http1EventCode } from './events.ts';
export { type FailureCode, failures, ProtocolFailure, UsageError } from './failure.ts';
export { Fields } from './fields.ts';
export { BodyKind, type BodyKindCode, MessageHead, RequestHead, ResponseHead } from './head.ts';
export { defaultLimits, type Http1Limits } from './limits.ts';
export { EncodedFields, type FieldList } from './outgoing-fields.ts';
export { statusText } from './status.ts';
export type { TargetForm } from './target.ts';
