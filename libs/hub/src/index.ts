export * from './errors.ts';
export * from './policy.ts';
export * from './position.ts';
export * from './subscriber.ts';
export { assertPattern, assertTopic, checkPattern, checkTopic, defaultTopicLimits, hasWildcard, type TopicLimits } from './topic.ts';
