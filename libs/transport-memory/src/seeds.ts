// Runs a simulation for many seeds, and says which one failed.

export interface SeedRange {
  /** The first seed. */
  readonly from: number;
  readonly count: number;
}

/** A simulation failed. `seed` replays it; the failure itself is the `cause`. */
export class SeedFailure extends Error {
  override readonly name = 'SeedFailure';
  readonly seed: number;

  constructor(seed: number, cause: unknown) {
    super(`seed ${seed} failed (replay it with {from: ${seed}, count: 1}): ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.seed = seed;
  }
}

/**
 * Calls `simulate` once per seed, in order.
 * @throws SeedFailure for the first seed whose simulation throws
 */
export function forEachSeed(range: SeedRange, simulate: (seed: number) => void): void {
  for (let seed = range.from; seed < range.from + range.count; seed++) {
    try {
      simulate(seed);
    } catch (error) {
      throw new SeedFailure(seed, error);
    }
  }
}

/** As `forEachSeed`, for simulations that wait for promises. */
export async function forEachSeedAsync(range: SeedRange, simulate: (seed: number) => Promise<void>): Promise<void> {
  for (let seed = range.from; seed < range.from + range.count; seed++) {
    try {
      await simulate(seed);
    } catch (error) {
      throw new SeedFailure(seed, error);
    }
  }
}
