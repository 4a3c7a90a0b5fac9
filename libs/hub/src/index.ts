export * from './errors.ts';
export * from './policy.ts';
export * from './position.ts';
export * from './subscriber.ts';
export { assertPattern, assertTopic, checkPattern, checkTopic, defaultTopicLimits, hasWildcard, type TopicLimits } from './topic.ts';
export { Hub, type History, type HistoryQuery, type HubOptions, type HubStats } from './hub.ts';
export { assertTag } from './tag-index.ts';
export type { Presence, PresenceEntry } from './presence.ts';
export { publicationOverheadBytes } from './publication.ts';
