// Who may use how many of the process's descriptors, so that nobody leaves too few for the rest.
//
// Descriptors are handed out lowest number first, so the number of a new one says how many are in use at least. The limit is divided by number:
//
//     0 …………………… connections … maxConnection │ files only … maxFile │ reserve … limit
//
// An accepted connection from `maxConnection` on is refused with 503, once no cached file can be closed instead; a file from `maxFile` on is
// answered 503. The reserve is for what the process itself opens: standard streams, epoll, worker threads, reading its own memory,
// resolving names, certificates at a reload.

const minReserve = 24;
const maxReserve = 512;
/** About what the process has open itself: streams, epoll, worker threads, two listeners. */
const ownDescriptors = 24;
/** Room for fewer connections than this is hardly meant. */
const fewConnections = 100;

export class DescriptorBudget {
  /** What files that nobody reads may take, whatever the configuration says. */
  readonly maxIdleFiles: number;
  readonly maxFile: number;
  readonly maxConnection: number;
  #release: (() => number) | null = null;

  /** `limit` is what the process may open; `Infinity` where that is not known. `maxOpenFiles` as configured. */
  constructor(limit: number, maxOpenFiles: number) {
    const reserve = Math.min(maxReserve, Math.max(minReserve, Math.floor(limit / 16)));
    this.maxIdleFiles = Math.max(1, Math.min(maxOpenFiles, Math.floor(limit / 8)));
    this.maxFile = limit - reserve;
    this.maxConnection = this.maxFile - this.maxIdleFiles;
  }

  /** About how many connections have room, where they are so few that a low limit is the likely reason; null otherwise. */
  get scarceConnections(): number | null {
    const room = Math.max(0, this.maxConnection - ownDescriptors);
    return room < fewConnections ? room : null;
  }

  /** What closes idle files when connections run short; returns how many it closed. Null for nobody. */
  onShortage(release: (() => number) | null): void {
    this.#release = release;
  }

  /** Closes idle files. Returns whether there is room for one more descriptor now. */
  makeRoom(): boolean {
    return this.#release !== null && this.#release() > 0;
  }
}
