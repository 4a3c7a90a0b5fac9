// A gap as clients see it, in events, envelopes and history.

import { formatPosition, type Gap, type GapReason } from '@sluice/hub';

export interface GapDocument {
  readonly reason: GapReason;
  readonly topic: string;
  readonly epoch: string;
  readonly oldestOffset: number;
  readonly missed: number;
  /** `EPOCH:OFFSET`: a client that resumes from here is not told of this gap again. */
  readonly position: string;
}

export function gapDocument(gap: Gap): GapDocument {
  return { ...gap, position: formatPosition(gap.position) };
}
