// Why a gateway did not start: every address that could not be opened, not only the first.

import type { TransportError } from '@sluice/transport';

export class ListenersFailed extends Error {
  override readonly name = 'ListenersFailed';
  readonly failures: readonly TransportError[];

  /** The message has a line for each. */
  constructor(failures: readonly TransportError[]) {
    super(failures.map(({ message }) => message).join('\n'));
    this.failures = failures;
  }
}
