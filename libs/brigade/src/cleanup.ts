// A callback that hangs on a pool: run when the pool goes, or earlier, or never, but not twice.

/** Where a cleanup hangs: an intrusive list, newest first. */
export interface CleanupList {
  newestCleanup: Cleanup | null;
}

export class Cleanup {
  private list: CleanupList | null;
  private readonly callback: () => void;
  private newer: Cleanup | null = null;
  private older: Cleanup | null;

  constructor(list: CleanupList, callback: () => void) {
    this.list = list;
    this.callback = callback;
    this.older = list.newestCleanup;
    if (this.older !== null) this.older.newer = this;
    list.newestCleanup = this;
  }

  /** True until it was killed or run. */
  get isPending(): boolean {
    return this.list !== null;
  }

  /** Takes it off the pool without running it. */
  kill(): void {
    const list = this.list;
    if (list === null) return;
    if (this.newer === null) list.newestCleanup = this.older;
    else this.newer.older = this.older;
    if (this.older !== null) this.older.newer = this.newer;
    this.list = null;
    this.newer = null;
    this.older = null;
  }

  /** Runs it now instead of when the pool goes. Nothing if it was killed or has run. */
  run(): void {
    if (this.list === null) return;
    this.kill();
    this.callback();
  }
}
