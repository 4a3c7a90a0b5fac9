export { CommandClient, type CommandClientEvents, type CommandClientOptions, type CommandEnd, type ReplyCallback, type RequestParts } from './client.ts';
export { CommandEngine, type CommandEngineOptions } from './engine.ts';
export { CommandEvent, type CommandEventCode } from './events.ts';
export { type FailureCode, failures, ProtocolFailure, UsageError } from './failure.ts';
export { GapHead, GoodbyeHead, MessageHead, PublicationHead, ReplyHead, RequestHead } from './head.ts';
export { type CommandLimits, defaultClientLimits, defaultServerLimits, headBytes } from './limits.ts';
export { encodeSharedMessage } from './shared-message.ts';
export { privateBytes, userBytes } from './state.ts';
export type { HeaderList } from './writer.ts';
