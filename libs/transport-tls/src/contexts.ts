// What a server's handshakes work with. Everything made from one set of options is one generation; `reload` makes a new one
// and lets handshakes begin with it from then on, while those that began before keep theirs.
//
// A generation is a tls.Server that never listens: it is given its connections. The outcome of each handshake finds its way
// back by the object through which that connection sees the server (`ServerView`). Where OpenSSL can be driven directly it is
// contexts of OpenSSL's besides, and those are used; the tls.Server has judged the options then, so that both forms take the same.

import { constants, createHash, randomBytes, X509Certificate } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { createSecureContext, createServer, type SecureContext, type Server, type TLSSocket } from 'node:tls';
import { handshakeFailure } from './failures.ts';
import { contextSettings, type HandshakeOutcome, type TlsIdentity, type TlsSettings } from './handshake.ts';
import { nativeTls } from './native/form.ts';
import { type NativeConnection, NativeServerContexts } from './native/server-contexts.ts';
import { SessionCache } from './session-cache.ts';

export interface TlsServerOptions extends TlsSettings {
  /** At least one. The first is for clients without, or with an unknown, server name. */
  readonly certificates: readonly TlsIdentity[];
  /**
   * Whether clients are asked for a certificate. With `request` any passes, or none, and the owner judges it; with `require`
   * it has to lead to one of `ca`. Default `none`.
   */
  readonly clientCertificate?: 'none' | 'request' | 'require';
  /** Sessions are resumed by tickets (RFC 5077, RFC 8446 section 2.2). Default true. */
  readonly tickets?: boolean;
  /** 48 bytes that encrypt tickets: shared by processes which resume each other's sessions. Default: random. */
  readonly ticketKeys?: Uint8Array;
  /** So many sessions are kept for TLS 1.2 clients without tickets. Default 0. */
  readonly sessionIds?: number;
  /** How long a session can be resumed, in seconds. Default 300. */
  readonly sessionLifetimeSeconds?: number;
  /**
   * `native` drives OpenSSL directly, `sockets` goes by way of node:tls, `auto` takes the first where it can be had. Only the first
   * fails where it cannot. Default `auto`.
   */
  readonly form?: TlsForm | 'auto';
}

export type TlsForm = 'native' | 'sockets';

/** Long enough never to come: node:tls insists on a time-out, and the owner has its own. */
const neverMs = 2 ** 31 - 1;
const ticketKeyBytes = 48;

/** One connection's server: the real one in everything, and where the outcome of the handshake goes. */
interface ServerView extends Server {
  outcome: HandshakeOutcome;
}

interface NamedContext {
  readonly certificate: X509Certificate;
  readonly context: SecureContext;
}

export class TlsContexts {
  /** How often the contexts were swapped. */
  reloads = 0;
  #server: Server;
  #trust: string;
  #ticketKeys: Buffer;
  #sessions: SessionCache;
  readonly #native: Native;

  /** @throws Error of OpenSSL's when a certificate or key cannot be used */
  constructor(options: TlsServerOptions) {
    this.#trust = trustOf(options);
    this.#ticketKeys = ticketKeysOf(options);
    this.#sessions = new SessionCache(options.sessionIds ?? 0);
    this.#server = serverOf(options, this.#trust, this.#ticketKeys, this.#sessions);
    this.#native = nativeOf(options, this.#trust, this.#ticketKeys, this.#sessions);
    abandoned.register(this, this.#native);
  }

  /** How connections are made secure from now on. */
  get form(): TlsForm {
    return this.#native.contexts === null ? 'sockets' : 'native';
  }

  /** Why the form is `sockets`; `null` when it is not, or was asked for. */
  get formReason(): string | null {
    return this.#native.reason;
  }

  /**
   * Handshakes that begin from now on use these options; nobody is dropped.
   * @throws Error as the constructor does; then nothing has changed
   */
  reload(options: TlsServerOptions): void {
    const trust = trustOf(options);
    const sameTrust = trust === this.#trust;
    const ticketKeys = sameTrust && options.ticketKeys === undefined ? this.#ticketKeys : ticketKeysOf(options);
    const sessions = new SessionCache(options.sessionIds ?? 0);
    if (sameTrust) sessions.adopt(this.#sessions);
    const server = serverOf(options, trust, ticketKeys, sessions);
    const native = nativeOf(options, trust, ticketKeys, sessions);
    this.#native.contexts?.retire();
    Object.assign(this.#native, native);
    this.#server = server;
    this.#trust = trust;
    this.#ticketKeys = ticketKeys;
    this.#sessions = sessions;
    this.reloads++;
  }

  /** A connection that is to answer a client's handshake; `null` in the other form. */
  openNative(): NativeConnection | null {
    return this.#native.contexts?.open() ?? null;
  }

  /** Answers a client's handshake over the stream. */
  accept(stream: Duplex, outcome: HandshakeOutcome): void {
    const view = Object.create(this.#server) as ServerView;
    view.outcome = outcome;
    EventEmitter.prototype.emit.call(view, 'connection', stream);
  }
}

/** What OpenSSL holds for a set of contexts. An object of its own: it outlives the contexts. */
interface Native {
  contexts: NativeServerContexts | null;
  reason: string | null;
}

function nativeOf(options: TlsServerOptions, trust: string, ticketKeys: Buffer, sessions: SessionCache): Native {
  const { form = 'auto' } = options;
  if (form === 'sockets') return { contexts: null, reason: null };
  const { openssl, reason } = nativeTls();
  try {
    if (openssl === null) throw new Error(reason);
    return { contexts: new NativeServerContexts(openssl, { options, trust, ticketKeys, sessions }), reason: null };
  } catch (error) {
    const { message } = error as Error;
    if (form === 'native') throw new Error(`TLS cannot take its native form: ${message}`, { cause: error });
    return { contexts: null, reason: message };
  }
}

/** Contexts that nobody can begin a handshake with any more, but which OpenSSL holds. */
const abandoned = new FinalizationRegistry<Native>(({ contexts }) => contexts?.retire());

function serverOf(options: TlsServerOptions, trust: string, ticketKeys: Buffer, sessions: SessionCache): Server {
  const { alpn = [], certificates, clientCertificate = 'none', sessionIds = 0, tickets = true } = options;
  const shared = {
    ticketKeys,
    sessionTimeout: options.sessionLifetimeSeconds ?? 300,
    sessionIdContext: trust.slice(0, 32),
    secureOptions: tickets ? 0 : constants.SSL_OP_NO_TICKET,
  };
  const contexts = certificates.map((identity): NamedContext => {
    const settings = { ...contextSettings(options, identity), ...shared };
    return { certificate: new X509Certificate(Buffer.from(identity.certificate)), context: createSecureContext(settings) };
  });
  if (contexts.length === 0) throw new Error('a TLS server needs a certificate');
  const server = createServer({
    ...contextSettings(options, certificates[0]),
    ...shared,
    ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
    requestCert: clientCertificate !== 'none',
    rejectUnauthorized: clientCertificate === 'require',
    handshakeTimeout: neverMs,
    SNICallback: (name, choose) => choose(null, contextFor(name, contexts)),
  });
  server.on('secureConnection', function secured(this: Server, socket) {
    (this as ServerView).outcome.onSecured(socket);
  });
  server.on('tlsClientError', function refused(this: Server, error, socket) {
    (this as ServerView).outcome.onRefused(handshakeFailure(error, refusalOf(socket)));
  });
  if (sessionIds > 0) keepSessions(server, sessions);
  return server;
}

function keepSessions(server: Server, sessions: SessionCache): void {
  server.on('newSession', (id, session, done) => {
    sessions.put(id.toString('hex'), session);
    done();
  });
  server.on('resumeSession', (id, answer) => answer(null, sessions.get(id.toString('hex')) ?? undefined));
}

/** The first context whose certificate is made out to the name, or the first of all. */
function contextFor(name: string, contexts: readonly NamedContext[]): SecureContext {
  for (const { certificate, context } of contexts) if (certificate.checkHost(name) !== undefined) return context;
  return contexts[0].context;
}

/** Why TLS did not accept the client's certificate. */
function refusalOf({ authorizationError }: TLSSocket): string | null {
  return authorizationError ? String(authorizationError) : null;
}

/** A digest of what makes a client trusted: sessions made under another one are not resumed. */
function trustOf({ ca, clientCertificate = 'none' }: TlsServerOptions): string {
  const hash = createHash('sha256').update(clientCertificate);
  const roots = ca === undefined ? [] : typeof ca === 'string' || ca instanceof Uint8Array ? [ca] : ca;
  for (const root of roots) hash.update('\n').update(root);
  return hash.digest('hex');
}

function ticketKeysOf({ ticketKeys }: TlsServerOptions): Buffer {
  if (ticketKeys === undefined) return randomBytes(ticketKeyBytes);
  if (ticketKeys.length !== ticketKeyBytes) throw new Error(`ticket keys have ${ticketKeyBytes} bytes, not ${ticketKeys.length}`);
  return Buffer.from(ticketKeys);
}
