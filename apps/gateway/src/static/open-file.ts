// One file that is served: its bytes by reference, and the validators of what it is now (RFC 9110 §8.8).
//
// A small file's bytes are in memory and need no descriptor; the entity tag is their digest, the same on every server. A larger file's tag is made
// of what the file system knows of it: size, inode, and when its content and its inode were changed, so that a file in its place
// has another tag, even one of the same size and date. It differs between servers that have copies of the same file.
//
// Last-Modified is the time of modification rounded up to a whole second, and never later than Date (§8.8.2.1). Rounded down, it would be
// the same for a file that was changed again within that second.

import { hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { fileBucket, type Bucket, type FileHandleRef } from '@sluice/brigade';
import type { EncodedFields } from '@sluice/http1';
import type { Validators } from './conditional.ts';

/** A file changed so shortly before it was read may have been changed again without another time of change. */
const settledAfterMs = 1000;

export class OpenFile implements Validators {
  readonly path: string;
  readonly size: number;
  readonly etag: string;
  readonly modifiedSeconds: number;
  /** Tells one state of a file from another by what the file system knows. */
  readonly identity: string;
  /** A later change has another identity for certain. */
  readonly isSettled: boolean;
  /** Null where the content is in memory. */
  readonly handle: FileHandleRef | null;
  /** The whole content, where it is kept. */
  content: Bucket | null;
  /** The fields of a whole reply, encoded by the first of them. */
  wholeFields: EncodedFields | null = null;
  checkedAtMs: number;
  usedAtMs: number;

  /** `body` is the open file, or its content with its digest. */
  constructor(path: string, stats: BigIntStats, body: FileHandleRef | MemoryContent | null, nowMs: number, wallClockMs: number) {
    this.path = path;
    this.size = Number(stats.size);
    this.identity = identityOf(stats);
    this.isSettled = wallClockMs - Number(stats.ctimeMs) > settledAfterMs;
    this.modifiedSeconds = Number((stats.mtimeNs + 999_999_999n) / 1_000_000_000n);
    this.handle = body === null || 'digest' in body ? null : body;
    this.content = body !== null && 'digest' in body ? body.content : null;
    this.etag = `"${body !== null && 'digest' in body ? body.digest : digestOf(Buffer.from(this.identity))}"`;
    this.checkedAtMs = nowMs;
    this.usedAtMs = nowMs;
  }

  /** A descriptor is kept, and no reply in progress needs it. */
  get isIdle(): boolean {
    return this.handle !== null && this.handle.refs === 1;
  }

  /** A bucket for `[start, end)`: of the shared content, or of the file. Not of an empty file. */
  bucket(start: number, end: number): Bucket {
    const { content, handle } = this;
    if (handle !== null) return fileBucket(handle, start, end - start);
    if (content === null) throw new Error('the file is empty, or was let go');
    return start === 0 && end === this.size ? content.retain() : content.type.slice(content, start, end - start);
  }

  release(): void {
    this.handle?.release();
    this.content?.release();
    this.content = null;
  }
}

export interface MemoryContent {
  /** Null for an empty file. */
  readonly content: Bucket | null;
  /** Of the content. */
  readonly digest: string;
}

/** 128 bits of SHA-256: an inode number or a time is not to be read from it. */
export function digestOf(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'base64url').slice(0, 22);
}

export function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}
