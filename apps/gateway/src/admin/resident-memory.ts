// The resident memory of the process. Reading it opens a file of /proc, which fails when there is no descriptor left: then the value before
// is as good.

let last = 0;

/** In bytes. Never throws. */
export function residentBytes(): number {
  try {
    last = process.memoryUsage.rss();
  } catch {
    // EMFILE, ENFILE, or no /proc
  }
  return last;
}
