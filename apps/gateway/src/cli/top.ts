// `sluice top`: the connections that move or hold most, in a table that is drawn anew every second; in a pipe, once.

import { reportLostOutput } from '../closed-output.ts';
import { processIo, type ClientIo } from '../client/client-io.ts';
import type { ConnectionPage } from '../inspection/connection-table.ts';
import type { TotalsSample } from '../inspection/totals.ts';
import { refuseOptions } from './client-options.ts';
import type { Host } from './host.ts';
import { adminApi, AdminError, adminHelp, readAdminOptions, type AdminApi, type AdminTarget } from './inspect-admin.ts';
import type { ExitStatus } from './run.ts';
import { summaryLine, tableLines, topSorts, type TopSort } from './top-table.ts';

export const topHelp = `usage: sluice top [FLAG…]

The open connections of a gateway, those first that move or hold most. On a terminal it is drawn anew every second: o sorts by bytes out, i by bytes
in, u by queued bytes, a by age; q ends it. In a pipe it is printed once.

${adminHelp}
  --sort KEY      rateOut, rateIn, queued or age. [rateOut; queued in a pipe]
  --filter QUERY  Only these, as in the query of /inspection/connections: state=established.outbound.choked, peer=10.0.0.7, topic=news.
  --limit N       So many at most. [what fits; 100 in a pipe]
  -h, --help      Print this.
`;

const maxRows = 1000;
const enterScreen = '\u001b[?1049h\u001b[?25l';
const leaveScreen = '\u001b[?25h\u001b[?1049l';
/** From the top left: what is drawn overwrites what was there, and the rest is cleared. */
const home = '\u001b[H';
const restOfLine = '\u001b[K\r\n';
const restOfScreen = '\u001b[J';

export async function top(
  argv: readonly string[],
  host: Host,
  io: ClientIo = processIo(),
  connect: (target: AdminTarget) => AdminApi = adminApi,
): Promise<ExitStatus> {
  const options = readAdminOptions(argv, ['sort', 'filter', 'limit'], host);
  if (!('target' in options)) return refuseOptions(host, options);
  const { own, positionals, target } = options;
  const sorts: readonly string[] = Object.values(topSorts);
  const sort = (own['sort'] ?? (io.isOutTerminal ? 'rateOut' : 'queued')) as TopSort;
  const limit = own['limit'] === undefined ? null : Number(own['limit']);
  if (positionals.length > 0) return refuseOptions(host, [{ where: positionals[0]!, message: 'unexpected argument' }]);
  if (!sorts.includes(sort)) return refuseOptions(host, [{ where: '--sort', message: `expected one of ${sorts.join(', ')}, got ${JSON.stringify(sort)}` }]);
  if (limit !== null && !(Number.isInteger(limit) && limit >= 1 && limit <= maxRows)) {
    return refuseOptions(host, [{ where: '--limit', message: `expected a whole number from 1 to ${maxRows}, got ${JSON.stringify(own['limit'])}` }]);
  }
  const view = new TopView(connect(target), io, host, sort, own['filter'] ?? '', limit);
  io.stdout.on('error', (error) => {
    reportLostOutput(error);
    view.end();
  });
  try {
    await (io.isOutTerminal ? view.run() : view.print());
    return 0;
  } catch (error) {
    if (!(error instanceof AdminError)) throw error;
    host.printError(`sluice: ${error.message}\n`);
    return 1;
  }
}

class TopView {
  readonly #api: AdminApi;
  readonly #io: ClientIo;
  readonly #host: Host;
  readonly #filter: string;
  readonly #limit: number | null;
  #sort: TopSort;
  #page: ConnectionPage | null = null;
  #sample: TotalsSample | null = null;
  #before: TotalsSample | null = null;
  #isAsking = false;
  /** The terminal is not ours any more. */
  #isOver = false;
  readonly #ended = new AbortController();

  constructor(api: AdminApi, io: ClientIo, host: Host, sort: TopSort, filter: string, limit: number | null) {
    this.#api = api;
    this.#io = io;
    this.#host = host;
    this.#sort = sort;
    this.#filter = filter;
    this.#limit = limit;
  }

  async print(): Promise<void> {
    const page = await this.#ask(this.#limit ?? 100);
    this.#io.stdout.write(`${[summaryLine(page, null, null), ...tableLines(page, this.#sort, Infinity)].join('\n')}\n`);
  }

  end(): void {
    this.#ended.abort();
  }

  /** Until `q`, an interrupt, or the gateway's end. Whatever happens, the terminal is as it was before. */
  async run(): Promise<void> {
    const { stdin, stdout } = this.#io;
    const { signal } = this.#ended;
    const end = (): void => this.end();
    let failure: unknown = null;
    const fail = (error: unknown): void => {
      failure ??= error;
      end();
    };
    const onKeys = (keys: Buffer | string): void => {
      for (const key of keys.toString()) {
        if (key === 'q' || key === '\u0003') end();
        else if (Object.hasOwn(topSorts, key)) {
          this.#sort = topSorts[key as keyof typeof topSorts];
          this.#refresh(fail);
        }
      }
    };
    const onResize = (): void => this.#draw();
    const stopListening = this.#io.onInterrupt(end);
    const terminal = stdin as Partial<NodeJS.ReadStream> & typeof stdin;
    terminal.setRawMode?.(true);
    stdin.on('data', onKeys);
    stdout.on('resize', onResize);
    stdout.write(enterScreen);
    try {
      await this.#api.follow(
        'inspection/totals',
        (name, data) => {
          if (name === 'sample') {
            this.#before = this.#sample;
            this.#sample = data as TotalsSample;
          }
          this.#refresh(fail);
        },
        signal,
      );
    } catch (error) {
      if (!signal.aborted) failure ??= error;
    } finally {
      this.#isOver = true;
      stdout.write(leaveScreen);
      stdout.off('resize', onResize);
      stdin.off('data', onKeys);
      terminal.setRawMode?.(false);
      stdin.pause();
      stopListening();
    }
    if (failure !== null) throw failure as Error;
  }

  /** At most one question at a time: a gateway that is slow to answer is not asked more often. */
  #refresh(fail: (error: unknown) => void): void {
    if (this.#isAsking || this.#isOver) return;
    this.#isAsking = true;
    const { rows = 24 } = this.#io.stdout as Partial<NodeJS.WriteStream>;
    const asked = this.#sort;
    this.#ask(Math.min(this.#limit ?? maxRows, Math.max(1, rows - 3)))
      .then((page) => {
        this.#page = page;
        this.#draw();
      })
      .catch(fail)
      .finally(() => {
        this.#isAsking = false;
        if (asked !== this.#sort) this.#refresh(fail);
      });
  }

  async #ask(limit: number): Promise<ConnectionPage> {
    const query = new URLSearchParams(this.#filter);
    for (const [name, value] of Object.entries({ sort: this.#sort, order: 'desc', limit: String(limit) })) query.set(name, value);
    return (await this.#api.get(`inspection/connections?${query}`)) as ConnectionPage;
  }

  #draw(): void {
    if (this.#page === null || this.#isOver) return;
    const { columns = this.#host.columns, rows = 24 } = this.#io.stdout as Partial<NodeJS.WriteStream>;
    const lines = [summaryLine(this.#page, this.#sample, this.#before), '', ...tableLines(this.#page, this.#sort, columns)];
    const shown = lines.slice(0, rows - 1).map((line) => line.slice(0, columns) + restOfLine);
    this.#io.stdout.write(home + shown.join('') + restOfScreen);
  }
}
