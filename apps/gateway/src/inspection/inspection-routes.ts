// Requests below `/inspection/` and `/inspector/` on the admin listener: who may ask (access.ts), and what answers.

import type { Connection, HttpExchange } from '@sluice/connection';
import { makeRecording, type ActorRecording, type Selection } from '@sluice/inspection';
import type { ConnectionRegistry, EventLoopShape, ListenerActor } from '@sluice/supervision';
import { isSecureRequest, requestClientOf } from '../client-address/request-client.ts';
import type { GatewayConfig } from '../config/index.ts';
import type { TokenCheck } from '../http/auth.ts';
import { CollectedBody } from '../http/body.ts';
import type { Problem } from '../http/problem.ts';
import { replyJson, replyMethodNotAllowed, replyProblem, replyText } from '../http/reply.ts';
import type { Log } from '../log/log.ts';
import type { SocketUpgrades } from '../sockets/upgrades.ts';
import type { InspectionAccess } from './access.ts';
import { parseObject, perform, readAction } from './actions.ts';
import type { ByteRates } from './byte-rates.ts';
import type { ChartDrawings } from './chart-drawings.ts';
import { chartIds, chartTitle, isChartId } from './charts.ts';
import { closedPage } from './closed-list.ts';
import { connectionDocument } from './connection-document.ts';
import { ConnectionEvents } from './connection-events.ts';
import { peerOf } from './connection-facts.ts';
import { connectionPage } from './connection-table.ts';
import type { DrainAll } from './drain-all.ts';
import { EventFeed } from './event-feed.ts';
import type { Observing } from './observed-intake.ts';
import type { InspectorPage } from './page.ts';
import { QueryError, wordOf } from './query.ts';
import { cookieName, signInMs, type SignIns } from './sign-ins.ts';
import { StatelySocket } from './stately-socket.ts';
import type { Totals } from './totals.ts';

export interface InspectionRoutesOptions extends Observing {
  readonly settings: GatewayConfig['inspection'];
  readonly registry: ConnectionRegistry;
  readonly access: InspectionAccess;
  readonly signIns: SignIns;
  readonly tokens: TokenCheck;
  readonly rates: ByteRates;
  readonly totals: Totals;
  readonly drawings: ChartDrawings;
  readonly drainAll: DrainAll;
  readonly page: InspectorPage;
  readonly upgrades: SocketUpgrades;
  readonly loop: EventLoopShape;
  readonly log: Log;
  readonly wallClock: () => number;
}

const jsonHeaders = ['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff'];
const nothingHere: Problem = { status: 404, detail: 'There is nothing here.' };

export class InspectionRoutes {
  readonly #options: InspectionRoutesOptions;

  constructor(options: InspectionRoutesOptions) {
    this.#options = options;
  }

  /** Whether a path is answered here. */
  static has(path: string): boolean {
    return path.startsWith('/inspection/') || path === '/inspector' || path.startsWith('/inspector/');
  }

  handle(exchange: HttpExchange, path: string, query: URLSearchParams): void {
    const { access, page } = this.#options;
    const isOpen = path === '/inspection/session' || !path.startsWith('/inspection/');
    const refusal = isOpen ? access.refusalOfPage(exchange) : access.refusalOf(exchange);
    if (refusal !== null) replyProblem(exchange, refusal);
    else if (path === '/inspection/session') this.#session(exchange);
    else if (isOpen) page.handle(exchange, path);
    else if (exchange.method === 'POST') this.#post(exchange, path.split('/').slice(2));
    else this.#get(exchange, path.split('/').slice(2), query);
  }

  // ── what is asked ───────────────────────────────────────────────────────────────────────────────────────────────

  #get(exchange: HttpExchange, segments: readonly string[], query: URLSearchParams): void {
    const [what = '', id, part] = segments;
    if (part === 'actions' || what === 'actions') replyMethodNotAllowed(exchange, 'POST');
    else if (exchange.method !== 'GET' && (exchange.method !== 'HEAD' || isStream(segments))) replyMethodNotAllowed(exchange, isStream(segments) ? 'GET' : 'GET, HEAD');
    else if (segments.length > 3) replyProblem(exchange, nothingHere);
    else {
      try {
        this.#read(exchange, what, id, part, query);
      } catch (error) {
        if (!(error instanceof QueryError)) throw error;
        replyProblem(exchange, error.problem);
      }
    }
  }

  #read(exchange: HttpExchange, what: string, id: string | undefined, part: string | undefined, query: URLSearchParams): void {
    const { registry, rates, actors, recorder, totals } = this.#options;
    const nowMs = this.#options.clock.now();
    const wallMs = Math.round(this.#options.wallClock());
    if (what === 'connections' && id === undefined) replyJson(exchange, connectionPage(query, { registry, rates, nowMs, wallMs }), jsonHeaders);
    else if (what === 'connections' && part === undefined) {
      this.#withConnection(exchange, id!, (connection) => {
        const listener = actors.parentOf(connection)?.sessionId ?? '';
        replyJson(exchange, connectionDocument(connection, listener, rates, nowMs, wallMs), jsonHeaders);
      });
    } else if (what === 'connections' && part === 'events') this.#withConnection(exchange, id!, (connection) => this.#events(exchange, connection));
    else if (part !== undefined) replyProblem(exchange, nothingHere);
    else if (what === 'recordings' && id !== undefined) this.#recording(exchange, id, wallMs);
    else if (what === 'charts' && id === undefined) replyJson(exchange, { charts: chartIds.map((id) => ({ id, title: chartTitle(id) })) }, jsonHeaders);
    else if (what === 'charts') void this.#chart(exchange, id!, query);
    else if (id !== undefined) replyProblem(exchange, nothingHere);
    else if (what === 'closed') replyJson(exchange, closedPage(query, recorder.ended(), wallMs - nowMs), jsonHeaders);
    else if (what === 'tree') replyJson(exchange, { nodes: actors.tree() }, jsonHeaders);
    else if (what === 'totals') {
      if (totals.listeners >= this.#options.settings.maxWatchers) replyProblem(exchange, this.#tooMany());
      else totals.follow((onWritable, onEnd) => new EventFeed(exchange, onWritable, onEnd));
    } else if (what === 'stream') this.#stream(exchange, query);
    else replyProblem(exchange, nothingHere);
  }

  /** Calls back with the open connection of that number, or answers that there is none. */
  #withConnection(exchange: HttpExchange, id: string, callback: (connection: Connection) => void): void {
    const connection = /^\d{1,15}$/.test(id) ? this.#options.registry.get(Number(id)) : undefined;
    if (connection !== undefined) callback(connection);
    else replyProblem(exchange, { status: 404, detail: `There is no open connection ${id}. What is kept of one that has closed is at /inspection/recordings/${id}.` });
  }

  #events(exchange: HttpExchange, connection: Connection): void {
    const { inspection, loop, rates, wallClock } = this.#options;
    const watcher = inspection.watch({ actors: [connection] }, this.#queue);
    if (watcher === null) replyProblem(exchange, this.#tooMany());
    else void new ConnectionEvents({ connection, watcher, loop, rates, wallClock }, (onWritable, onEnd) => new EventFeed(exchange, onWritable, onEnd));
  }

  #stream(exchange: HttpExchange, query: URLSearchParams): void {
    const { inspection, loop, upgrades, settings } = this.#options;
    const selection = this.#selectionOf(query);
    if (inspection.followers >= settings.maxWatchers) {
      replyProblem(exchange, this.#tooMany());
      return;
    }
    // Only now that the socket is one: a handshake that fails leaves nobody watching.
    upgrades.accept(exchange, () => new StatelySocket(inspection.watch(selection, this.#queue), loop.turn));
  }

  #selectionOf(query: URLSearchParams): Selection {
    const { registry, settings } = this.#options;
    const ids = query.getAll('id').flatMap((text) => text.split(','));
    const actors = ids.map((id) => {
      const connection = registry.get(Number(id));
      if (connection === undefined) throw new QueryError(`There is no open connection ${id}.`);
      return connection;
    });
    const sample = query.get('sample');
    const share = sample === null ? settings.maxStreamPercent / 100 : Number(sample);
    if (sample === '' || !(share >= 0 && share <= 1)) throw new QueryError('sample is a number from 0 to 1.');
    const filters = (['state', 'peer', 'protocol', 'topic', 'tag'] as const).flatMap((name) => {
      const wanted = query.get(name);
      return wanted === null || wanted === '' ? [] : [[name, wanted] as const];
    });
    const isChosen = ids.length > 0 || filters.length > 0;
    return { ...(ids.length > 0 && { actors }), ...(sample === null && isChosen ? {} : { share }), ...Object.fromEntries(filters) };
  }

  #recording(exchange: HttpExchange, id: string, wallMs: number): void {
    const recording = this.#recordingOf(id);
    if (recording === null) {
      replyProblem(exchange, { status: 404, detail: `Nothing is kept of ${id}.` });
      return;
    }
    const name = recording.sessionId.replace(':', '-');
    replyJson(exchange, makeRecording([recording], wallMs), [...jsonHeaders, 'Content-Disposition', `attachment; filename="${name}.json"`]);
  }

  /** Of a connection by its number or session id, open or closed; of a listener by its session id. */
  #recordingOf(id: string): ActorRecording | null {
    const { registry, recorder, listenerRecorder, actors } = this.#options;
    const number = /^(?:connection:)?(\d{1,15})$/.exec(id)?.[1];
    if (number === undefined) {
      const listener: ListenerActor | null = actors.listener(id);
      return listener === null ? null : listenerRecorder.recordingOf(listener);
    }
    const connection = registry.get(Number(number));
    return connection === undefined ? recorder.recordingOfEnded(`connection:${number}`) : recorder.recordingOf(connection);
  }

  async #chart(exchange: HttpExchange, id: string, query: URLSearchParams): Promise<void> {
    if (!isChartId(id)) {
      replyProblem(exchange, { status: 404, detail: `There is no chart ${id}; there are ${chartIds.join(', ')}.` });
      return;
    }
    try {
      const direction = wordOf(query, 'direction', ['right', 'down']) === 'right' ? 'RIGHT' : 'DOWN';
      const hasLabels = wordOf(query, 'labels', ['true', 'false']) === 'true';
      const drawing = await this.#options.drawings.drawing(id, direction, hasLabels);
      if (exchange.isOpen) replyJson(exchange, drawing, jsonHeaders);
    } catch (error) {
      if (error instanceof QueryError) replyProblem(exchange, error.problem);
      else exchange.crash(error);
    }
  }

  get #queue(): { maxEvents: number; maxBytes: number } {
    const { maxQueuedEvents, maxQueuedBytes } = this.#options.settings;
    return { maxEvents: maxQueuedEvents, maxBytes: maxQueuedBytes };
  }

  #tooMany(): Problem {
    const { maxWatchers } = this.#options.settings;
    return { status: 503, detail: `${maxWatchers} watch already (inspection.maxWatchers).`, headers: ['Retry-After', '5'] };
  }

  // ── what is done ────────────────────────────────────────────────────────────────────────────────────────────────

  #post(exchange: HttpExchange, [what = '', id, part, ...more]: readonly string[]): void {
    if (what === 'actions' && id === undefined) this.#withJson(exchange, (text) => this.#actOnAll(exchange, text));
    else if (what === 'connections' && part === 'actions' && more.length === 0) {
      this.#withJson(exchange, (text) => this.#withConnection(exchange, id!, (connection) => this.#act(exchange, connection, text)));
    } else replyMethodNotAllowed(exchange, 'GET, HEAD');
  }

  /** A page of another origin can post a form, but not this type without being asked first. */
  #withJson(exchange: HttpExchange, callback: (text: string) => void): void {
    if (/^application\/json(?:\s*;|$)/i.test(exchange.head.get('content-type') ?? '')) {
      exchange.body = new CollectedBody((bytes) => callback(Buffer.from(bytes).toString()));
    } else {
      replyProblem(exchange, { status: 415, detail: 'An action is sent with Content-Type: application/json.' });
    }
  }

  #act(exchange: HttpExchange, connection: Connection, text: string): void {
    const request = readAction(text);
    const refusal = 'status' in request ? request : perform(connection, request);
    if (refusal !== null) {
      replyProblem(exchange, refusal);
      return;
    }
    this.#logAction(exchange, { connection: connection.id, ...(request as Exclude<typeof request, Problem>) });
    this.#replyDone(exchange);
  }

  #actOnAll(exchange: HttpExchange, text: string): void {
    const { drainAll, registry } = this.#options;
    if (parseObject(text)?.['action'] !== 'drainAll') replyProblem(exchange, { status: 400, detail: 'action is drainAll.' });
    else if (!drainAll.start()) replyProblem(exchange, { status: 409, detail: 'All connections are being drained already.' });
    else {
      this.#logAction(exchange, { action: 'drainAll', connections: registry.size });
      this.#replyDone(exchange);
    }
  }

  #replyDone(exchange: HttpExchange): void {
    replyText(exchange, 202, 'application/json', '{"done":true}\n', jsonHeaders);
  }

  #logAction(exchange: HttpExchange, details: Readonly<Record<string, string | number>>): void {
    const { access, log } = this.#options;
    log.info('inspector action', { ...details, peer: peerOf(exchange.session.connection), who: access.whoIs(exchange) ?? '' });
  }

  // ── signing in ──────────────────────────────────────────────────────────────────────────────────────────────────

  #session(exchange: HttpExchange): void {
    const { method } = exchange;
    if (method === 'DELETE') {
      this.#replyCookie(exchange, '', 0);
    } else if (method === 'POST') {
      exchange.body = new CollectedBody((bytes) => this.#signIn(exchange, Buffer.from(bytes).toString().trim()));
    } else replyMethodNotAllowed(exchange, 'POST, DELETE');
  }

  #signIn(exchange: HttpExchange, token: string): void {
    const { tokens, signIns, log, clock } = this.#options;
    const peer = requestClientOf(exchange)?.host ?? peerOf(exchange.session.connection);
    if (tokens.admits(`Bearer ${token}`)) {
      log.info('inspector sign-in', { peer });
      this.#replyCookie(exchange, signIns.issue(clock.now()), signInMs / 1000);
    } else {
      log.warn('inspector sign-in refused', { peer });
      replyProblem(exchange, { status: 401, detail: 'That is not the admin token.', headers: ['WWW-Authenticate', 'Bearer'] });
    }
  }

  /**
   * Without a Path it is sent back to `/inspection/…` alone, whatever a proxy has put before that (RFC 6265, section 5.1.4): browsers do not
   * tell ports apart, and everything else on this host's ports has no business with it.
   */
  #replyCookie(exchange: HttpExchange, value: string, maxAgeSeconds: number): void {
    const secure = isSecureRequest(exchange) ? '; Secure' : '';
    const cookie = `${cookieName}=${value}; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Strict${secure}`;
    exchange.begin(204, ['Set-Cookie', cookie, 'Cache-Control', 'no-store']);
    exchange.end();
  }
}

function isStream([what, , part]: readonly string[]): boolean {
  return what === 'totals' || what === 'stream' || (what === 'connections' && part === 'events');
}
