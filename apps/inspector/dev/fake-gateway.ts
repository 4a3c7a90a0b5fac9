// A gateway's admin listener, made up: what it answers below `/inspection/` has the real form, and its connections run through the real
// chart, recorder and watchers. For development, screenshots and the page's own tests.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { connectionMachine } from '@sluice/connection';
import { FlightRecorder, Inspection, makeRecording, type ActorRecording, type InspectedActor } from '@sluice/inspection';
import { chartDocument, chartIds } from './fake-charts.ts';
import { FakeConnection } from './fake-connection.ts';
import { listClosed, listConnections } from './fake-lists.ts';
import { FakeTotals } from './fake-totals.ts';
import { fakeTree } from './fake-tree.ts';
import { seededRandom } from './random.ts';

export interface FakeGatewayOptions {
  readonly connections: number;
  readonly seed?: number;
  /** Asked for, if given. */
  readonly token?: string;
  /** Of a gateway that has run for a while when it is first asked. Default 600, and 90 for one that is large. */
  readonly pastSeconds?: number;
}

const tickMs = 250;
const cookie = 'sluice_inspector';

export class FakeGateway {
  /** While true nothing is answered: connections are reset. */
  isAway = false;
  readonly #options: FakeGatewayOptions;
  readonly #random;
  readonly #connections = new Map<number, FakeConnection>();
  readonly #root: InspectedActor = { sessionId: 'gateway', getSnapshot: () => ({ status: 'active', output: undefined, error: undefined }) };
  readonly #recorder = new FlightRecorder({ machine: connectionMachine });
  readonly #inspection: Inspection;
  readonly #totals = new FakeTotals();
  readonly #streams = new Set<ServerResponse>();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #startedMs: number;
  #nextId = 1;
  #nowMs: number;

  constructor(options: FakeGatewayOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed ?? 1);
    this.#inspection = new Inspection({
      root: this.#root,
      directory: {
        parentOf: (actor) => (actor === this.#root ? null : this.#root),
        machineOf: (actor) => (actor === this.#root ? null : connectionMachine),
        factsOf: () => ({ peer: null, protocol: null, topics: [], tags: [] }),
      },
      epochMs: () => this.#nowMs,
    });
    const past = options.pastSeconds ?? (options.connections > 10_000 ? 90 : 600);
    this.#nowMs = Date.now() - past * 1000;
    this.#startedMs = this.#nowMs;
    for (let second = 0; second < past; second++) {
      this.#nowMs += 1000;
      const wanted = options.connections * Math.min(1, (0.55 + second / past) / 1.3);
      this.#tick(wanted, second < past - 60 ? 0.1 : 1);
      this.#totals.sample(this.#connections.values(), this.#nowMs);
    }
    this.#every(tickMs, () => {
      this.#nowMs = Date.now();
      this.#tick(options.connections, Math.min(1, 2000 / options.connections));
    });
    this.#every(1000, () => this.#tell(this.#totals.sample(this.#connections.values(), this.#nowMs)));
  }

  get size(): number {
    return this.#connections.size;
  }

  /** Whether the request was its own. */
  answer(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '/', 'http://made.up');
    if (!url.pathname.startsWith('/inspection/')) return false;
    if (this.isAway) {
      request.socket.destroy();
      return true;
    }
    if (url.pathname === '/inspection/session') this.#signIn(request, response);
    else if (this.#options.token !== undefined && !request.headers.cookie?.includes(`${cookie}=${this.#options.token}`)) problem(response, 401, 'A token is needed');
    else void this.#route(request, response, url);
    return true;
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    for (const stream of this.#streams) stream.destroy();
  }

  async #route(request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
    const [, , what, id, part] = url.pathname.split('/');
    const connection = this.#connections.get(Number(id));
    if (what === 'connections' && id === undefined) json(response, listConnections([...this.#connections.values()], url.searchParams, this.#nowMs));
    else if (what === 'connections' && connection === undefined) problem(response, 404, `There is no connection ${id}`);
    else if (what === 'connections' && part === 'events') this.#follow(connection!, response);
    else if (what === 'connections' && part === 'actions') this.#act(connection!, JSON.parse(await body(request)) as Record<string, unknown>, response);
    else if (what === 'connections') json(response, connection!.describe(this.#nowMs));
    else if (what === 'closed') json(response, listClosed(this.#recorder.ended(), url.searchParams));
    else if (what === 'recordings') this.#recording(Number(id), response);
    else if (what === 'charts' && id === undefined) json(response, { charts: chartIds().map((id) => ({ id, title: `The chart ${id}` })) });
    else if (what === 'charts') {
      const document = chartDocument(id!, url.searchParams.get('direction') === 'down' ? 'DOWN' : 'RIGHT', url.searchParams.get('labels') !== 'false');
      if (document === null) problem(response, 404, `There is no chart ${id}`);
      else json(response, await document);
    } else if (what === 'tree') json(response, fakeTree(this.#connections.size, this.#nowMs, this.#startedMs));
    else if (what === 'totals') this.#followTotals(response);
    else if (what === 'actions') {
      for (const each of this.#connections.values()) each.send('DRAIN', this.#nowMs);
      json(response, { done: true }, 202);
    } else problem(response, 404, 'There is nothing of this name');
  }

  #tick(wanted: number, share: number): void {
    const { size } = this.#connections;
    const missing = Math.min(wanted - size, Math.max(3, wanted / 60));
    for (let i = 0; i < missing; i++) this.#open();
    for (const connection of this.#connections.values()) {
      const always = connection.id <= 50 || connection.state.phase !== 'established';
      if (always || this.#random() < share) connection.move(this.#nowMs, this.#random);
    }
  }

  #open(): void {
    const connection: FakeConnection = new FakeConnection(this.#nextId++, this.#nowMs, this.#random, (each, from, to, event) => {
      this.#recorder.record(each, to, event, this.#nowMs);
      this.#inspection.onStep(each, from, to, event);
      if (!each.isOpen) this.#closed(each);
    });
    this.#connections.set(connection.id, connection);
    this.#totals.counted.opened++;
    this.#recorder.open(connection, connection.state, this.#nowMs);
  }

  #closed(connection: FakeConnection): void {
    const { protocol, openedAtMs, bytesIn, bytesOut } = connection;
    const reason = connection.reason ?? 'served';
    const { closes } = this.#totals.counted;
    closes[reason] = (closes[reason] ?? 0) + 1;
    this.#connections.delete(connection.id);
    const ending = { reason, ageMs: this.#nowMs - openedAtMs, bytesIn: Math.round(bytesIn), bytesOut: Math.round(bytesOut), peer: connection.peer.host, protocol };
    this.#recorder.close(connection, ending, this.#nowMs);
  }

  #recording(id: number, response: ServerResponse): void {
    const open = this.#connections.get(id);
    const recording: ActorRecording | null = open === undefined ? this.#recorder.recordingOfEnded(`connection:${id}`) : this.#recorder.recordingOf(open);
    if (recording === null) return problem(response, 404, `Nothing is kept of connection ${id}`);
    response.setHeader('Content-Disposition', `attachment; filename="connection-${id}.json"`);
    json(response, makeRecording([recording], this.#nowMs));
  }

  #act(connection: FakeConnection, { action, direction, bytesPerSecond }: Record<string, unknown>, response: ServerResponse): void {
    const event = { quench: 'INBOUND.FULL', resume: 'INBOUND.SPACE', drain: 'DRAIN', abort: 'ABORT' } as const;
    if (action === 'throttle') connection[direction === 'in' ? 'throttleIn' : 'throttleOut'] = Number(bytesPerSecond);
    else connection.send(event[action as keyof typeof event], this.#nowMs);
    json(response, { done: true }, 202);
  }

  #follow(connection: FakeConnection, response: ServerResponse): void {
    const watcher = this.#inspection.watch({ actors: [connection] });
    if (watcher === null) return problem(response, 503, 'Too many watch already');
    this.#stream(response);
    const gauges = (): void => void event(response, 'gauges', connection.gauges(this.#nowMs));
    const drain = (): void => {
      for (let text = watcher.next(); text !== null; text = watcher.next()) response.write(`event: inspection\ndata: ${text}\n\n`);
      if (connection.isOpen) return;
      event(response, 'closed', { reason: connection.reason ?? 'served' });
      response.end();
    };
    watcher.onReadable = () => setImmediate(drain);
    drain();
    gauges();
    const timer = setInterval(gauges, 500);
    response.once('close', () => {
      clearInterval(timer);
      watcher.close();
    });
  }

  #followTotals(response: ServerResponse): void {
    this.#stream(response);
    event(response, 'history', { samples: this.#totals.samples });
    const tell = (sample: object): void => void event(response, 'sample', sample);
    this.#tellers.add(tell);
    response.once('close', () => this.#tellers.delete(tell));
  }

  readonly #tellers = new Set<(sample: object) => void>();

  #tell(sample: object): void {
    for (const tell of this.#tellers) tell(sample);
  }

  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
  }

  /** Ends all event streams, as a restart would. */
  breakStreams(): void {
    for (const stream of this.#streams) stream.destroy();
  }

  async #signIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = await body(request);
    if (token !== this.#options.token) return problem(response, 401, 'This is not the token');
    response.writeHead(204, { 'Set-Cookie': `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/` }).end();
  }

  #every(ms: number, work: () => void): void {
    this.#timers.push(setInterval(work, ms));
  }
}

async function body(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

function json(response: ServerResponse, document: object, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' }).end(JSON.stringify(document));
}

function problem(response: ServerResponse, status: number, detail: string): void {
  response.writeHead(status, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify({ title: detail, status, detail }));
}

function event(response: ServerResponse, name: string, data: object): void {
  response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
}
