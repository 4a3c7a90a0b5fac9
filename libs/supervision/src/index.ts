export * from './connection-scope.ts';
export * from './drain.ts';
export * from './event-loop.ts';
export * from './listener.ts';
export * from './registry.ts';
