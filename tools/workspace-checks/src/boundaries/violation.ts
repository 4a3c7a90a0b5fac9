// What every rule answers: where something is wrong, by which rule, and what to do instead.

export interface Violation {
  /** A path, with `:line` where there is one. */
  readonly where: string;
  /** Stable name, to which exceptions refer. */
  readonly rule: string;
  readonly what: string;
}

/** Allows one violation of one rule in one file, with the reason. */
export interface Exception {
  readonly rule: string;
  readonly path: string;
  readonly reason: string;
}

/**
 * The violations that no exception covers, and one for each exception that covers nothing, so that the list never
 * outlives what it excuses.
 */
export function applyExceptions(violations: readonly Violation[], exceptions: readonly Exception[]): Violation[] {
  const unused = new Set(exceptions);
  const rest = violations.filter((violation) => {
    const path = violation.where.replace(/:\d+$/, '');
    const exception = exceptions.find((each) => each.rule === violation.rule && each.path === path);
    if (exception !== undefined) unused.delete(exception);
    return exception === undefined;
  });
  for (const { path, rule } of unused) {
    rest.push({ where: path, rule: 'stale-exception', what: `needs no exception from ${rule} any more` });
  }
  return rest;
}

export function formatViolation({ where, rule, what }: Violation): string {
  return `${where}  ${what}  (${rule})`;
}
