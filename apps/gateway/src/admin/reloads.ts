// What became of loads of the configuration, the first one included: for metrics.

export class Reloads {
  isLastAccepted = true;
  /** When one was last accepted, in milliseconds since 1970. */
  acceptedMs: number;
  failures = 0;

  constructor(startMs: number) {
    this.acceptedMs = startMs;
  }

  accepted(nowMs: number): void {
    this.isLastAccepted = true;
    this.acceptedMs = nowMs;
  }

  rejected(): void {
    this.isLastAccepted = false;
    this.failures++;
  }
}
