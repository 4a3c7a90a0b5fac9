// What a link can do to the bytes on it, and plans that choose it for each link of a network.

import type { Random } from './random.ts';

/** Faults of one direction of one connection. Everything left out is off. */
export interface LinkFaults {
  /** How long bytes travel. */
  readonly latencyMs?: number;
  /** Up to so much is added to the latency of each segment, at random. Order is kept. */
  readonly jitterMs?: number;
  /** The probability that a segment, and all behind it, is held up by `stallMs`. */
  readonly stallChance?: number;
  readonly stallMs?: number;
  /** Reads are cut at random, and bring at most so many bytes. */
  readonly largestRead?: number;
  /** Writes are short at random, and take at most so many bytes at once. */
  readonly largestWrite?: number;
  /** The reader looks only so often. */
  readonly readDelayMs?: number;
  /** After so many bytes the connection is reset, for both ends. */
  readonly resetAtByte?: number;
  /** After so many bytes the reader sees FIN, and the writer is reset: its peer has gone. */
  readonly endAtByte?: number;
}

export type Direction = 'toServer' | 'toClient';

/** Chooses the faults of a link; `connection` counts from 0. Everything random comes from `random`. */
export type FaultPlan = (connection: number, direction: Direction, random: Random) => LinkFaults;

/** Faults that lose nothing: every transfer still arrives whole. */
export const harmlessFaults: FaultPlan = (_connection, _direction, random) => ({
  latencyMs: random.below(3) * random.below(40),
  jitterMs: random.below(2) * random.below(30),
  stallChance: random.below(3) === 0 ? 0.1 : 0,
  stallMs: 50 + random.below(2000),
  ...(random.below(2) === 0 ? { largestRead: 1 + random.below([4, 100, 5000][random.below(3)]) } : {}),
  ...(random.below(2) === 0 ? { largestWrite: 1 + random.below([4, 100, 5000][random.below(3)]) } : {}),
  readDelayMs: random.below(4) === 0 ? random.below(20) : 0,
});

/** Harmless faults, and now and then a connection that breaks within its first `withinBytes` bytes. */
export function breakingFaults(withinBytes: number, chance = 0.25): FaultPlan {
  return (connection, direction, random) => {
    const faults = harmlessFaults(connection, direction, random);
    if (!random.chance(chance)) return faults;
    const at = random.below(withinBytes + 1);
    return random.below(2) === 0 ? { ...faults, resetAtByte: at } : { ...faults, endAtByte: at };
  };
}
