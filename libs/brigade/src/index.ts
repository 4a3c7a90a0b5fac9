// Buckets, brigades and pools: see README.md for the model.

export { Arena, type ArenaOptions, Slab } from './arena.ts';
export { Brigade } from './brigade.ts';
export { Bucket, type BucketName, type BucketType, type ReadFailure, type ReadMode } from './bucket.ts';
export { eosType, makeEos } from './buckets/eos.ts';
export { bucketError, type BucketError, errorType, makeError } from './buckets/error.ts';
export { fileBucket, fileHandle, FileHandleRef, type FileSource, fileType } from './buckets/file.ts';
export { flushType, makeFlush } from './buckets/flush.ts';
export { heapBytes, heapType } from './buckets/heap.ts';
export { makeSent, runSent, type SentCallback, sentType } from './buckets/sent.ts';
export { reserveShared, shareBytes, sharedType } from './buckets/shared.ts';
export { streamBucket, streamSource, type StreamSource, streamType } from './buckets/stream.ts';
export { transientBytes, transientType } from './buckets/transient.ts';
export { Cleanup } from './cleanup.ts';
export { copyBytes } from './copying.ts';
export { setDebug } from './debug.ts';
export { NotSentError, TruncatedError, UsageError } from './errors.ts';
export { type Outstanding, Pool, type PoolOptions } from './pool.ts';
export type { BoundarySplit } from './splitting.ts';
