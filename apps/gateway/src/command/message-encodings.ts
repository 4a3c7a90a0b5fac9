// Publications as command connections get them: `MSG`, made once per publication, whatever the number of receivers.

import { encodeSharedMessage } from '@sluice/command';
import { formatPosition, type Hub, type Publication } from '@sluice/hub';
import type { Bucket, Pool } from '@sluice/brigade';

/** Slots of `publication.encoding(slot)`. */
export interface MessageEncodings {
  /** With the topic's offset and epoch: what a subscription of one topic resumes from. */
  readonly message: number;
  /** With the hub's position beside it, for patterns with wildcards. */
  readonly hubMessage: number;
}

export function defineMessageEncodings(hub: Hub): MessageEncodings {
  return {
    message: hub.defineEncoding((publication, pool) => encode(publication, [], pool)),
    hubMessage: hub.defineEncoding((publication, pool) =>
      encode(publication, ['Position', formatPosition({ epoch: hub.epoch, offset: publication.sequence })], pool),
    ),
  };
}

function encode({ topic, offset, epoch, payload }: Publication, headers: readonly string[], pool: Pool): Bucket {
  const { bytes, start, length } = payload;
  return encodeSharedMessage(pool, topic, offset, epoch, bytes!, start, start + length, headers);
}
