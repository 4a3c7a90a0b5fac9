// How much a peer may send. Each limit bounds memory; crossing one is a named failure, or a pause.

import { UsageError } from './failure.ts';

/** Bytes of the message buffer a connection keeps, and the most that a head may have, sent or received. */
export const headBytes = 8064;

/** Most characters of a Sequence. */
export const sequenceCharacters = 64;

export interface CommandLimits {
  /** Bytes of a message, head and body together: 16 to 2^30. More: `messageTooLarge`. Default 8064 (server), 1 MiB (client). */
  readonly maxMessageBytes: number;
  /** Server: requests that may wait for their replies at once: 1 or more. More wait unread: `Paused`. Default 64. */
  readonly maxInFlight: number;
}

export const defaultServerLimits: CommandLimits = { maxMessageBytes: headBytes, maxInFlight: 64 };
export const defaultClientLimits: CommandLimits = { maxMessageBytes: 1_048_576, maxInFlight: 64 };

/** The role's defaults with what the caller gave instead. Shared, not copied, when nothing was given. Throws `UsageError`. */
export function resolveLimits(role: 'server' | 'client', given: Partial<CommandLimits> | undefined): CommandLimits {
  const defaults = role === 'server' ? defaultServerLimits : defaultClientLimits;
  if (given === undefined) return defaults;
  const limits = { ...defaults, ...given };
  check('maxMessageBytes', limits.maxMessageBytes, 16, 2 ** 30);
  check('maxInFlight', limits.maxInFlight, 1, 2 ** 30);
  return limits;
}

function check(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new UsageError(`${name} is ${value}, not an integer from ${least} to ${most}`);
  }
}
