import { checkTransport } from '@sluice/transport/compliance';
import { describe, expect, it } from 'vitest';
import { memorySetUp } from './memory-set-up.ts';

checkTransport({ describe, it, expect }, memorySetUp('memory', { seed: 1 }));
checkTransport({ describe, it, expect }, memorySetUp('memory with narrow pipes and short writes', { seed: 2, pipeBytes: 10_000, faults: { largestWrite: 8000 } }));
checkTransport(
  { describe, it, expect },
  memorySetUp('memory with latency, jitter, stalls and cut reads', {
    seed: 3,
    pipeBytes: 100_000,
    faults: { latencyMs: 7, jitterMs: 5, largestRead: 20_000, largestWrite: 30_000, stallChance: 0.01, stallMs: 300, readDelayMs: 2 },
  }),
);
