// What a client's handshakes work with, and the sessions it may resume: one for each server name.

import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect, createSecureContext, type SecureContext, type TLSSocket } from 'node:tls';
import { handshakeFailure } from './failures.ts';
import { contextSettings, type HandshakeOutcome, type TlsIdentity, type TlsSettings } from './handshake.ts';
import { SessionCache } from './session-cache.ts';

export interface TlsClientOptions extends TlsSettings {
  /** Shown to servers that ask for one. */
  readonly identity?: TlsIdentity;
  /** The server's certificate has to lead to one of `ca` and to carry the server's name. `false` leaves that to the owner. Default true. */
  readonly rejectUnauthorized?: boolean;
  /** For so many servers a session is kept. Default 100. */
  readonly sessions?: number;
}

export class TlsClientContexts {
  #options: TlsClientOptions;
  #context: SecureContext;
  #sessions: SessionCache;

  /** @throws Error of OpenSSL's when a certificate or key cannot be used */
  constructor(options: TlsClientOptions = {}) {
    this.#context = createSecureContext(contextSettings(options, options.identity));
    this.#sessions = new SessionCache(options.sessions ?? 100);
    this.#options = options;
  }

  /**
   * Handshakes that begin from now on use these options, and none of the sessions kept so far.
   * @throws Error as the constructor does; then nothing has changed
   */
  reload(options: TlsClientOptions): void {
    this.#context = createSecureContext(contextSettings(options, options.identity));
    this.#sessions = new SessionCache(options.sessions ?? 100);
    this.#options = options;
  }

  /**
   * Begins a handshake over the stream. `serverName` is sent (unless it is an address), and the certificate is checked
   * against it.
   */
  connect(stream: Duplex, serverName: string, outcome: HandshakeOutcome): void {
    const { alpn = [], rejectUnauthorized = true } = this.#options;
    const sessions = this.#sessions;
    const session = sessions.get(serverName);
    const socket = connect({
      socket: stream,
      secureContext: this.#context,
      host: serverName,
      rejectUnauthorized,
      ...(serverName !== '' && isIP(serverName) === 0 && { servername: serverName }),
      ...(alpn.length > 0 && { ALPNProtocols: [...alpn] }),
      ...(session !== null && { session }),
    });
    let secured = false;
    // Listens for good: an error that nobody hears would end the process, and an owner who has closed does not listen.
    socket.on('error', (error) => {
      if (secured) return;
      sessions.forget(serverName);
      outcome.onRefused(handshakeFailure(error, refusalOf(socket)));
    });
    socket.on('session', (kept: Buffer) => sessions.put(serverName, kept));
    socket.once('secureConnect', () => {
      secured = true;
      outcome.onSecured(socket);
    });
  }
}

/** Why the server's certificate was not accepted. */
function refusalOf({ authorizationError }: TLSSocket): string | null {
  return authorizationError ? String(authorizationError) : null;
}
