// One generation of a server's contexts in OpenSSL's hands: an SSL_CTX for each certificate, and what chooses between them.
//
// They live as long as somebody may begin a handshake with them, and as long as there is a channel that was made from them: a handshake
// under way may still choose another certificate of its own generation.
//
//     retired and channels = 0 ⇔ freed

import { createPrivateKey, hkdfSync, X509Certificate } from 'node:crypto';
// As a namespace: a named import that an older Node lacks keeps the whole module from loading.
import * as tls from 'node:tls';
import type { TlsServerOptions } from '../contexts.ts';
import type { Pem, TlsIdentity } from '../handshake.ts';
import type { SessionCache } from '../session-cache.ts';
import type { Arena } from './arena.ts';
import { Channel, type ChannelOwner } from './channel.ts';
import { takeFailure } from './failures.ts';
import type { OpenSsl } from './openssl.ts';
import type { Pointer } from './symbols.ts';

const SSL_MODE_AUTO_RETRY = 0x4n;
const SSL_MODE_RELEASE_BUFFERS = 0x10n;
const SSL_OP_NO_TICKET = 1n << 14n;
const SSL_OP_CIPHER_SERVER_PREFERENCE = 1n << 22n;
const SSL_OP_NO_RENEGOTIATION = 1n << 30n;
const SSL_CTRL_MODE = 33;
const SSL_CTRL_SET_SESS_CACHE_MODE = 44;
const SSL_CTRL_SET_TLSEXT_SERVERNAME_CB = 53;
const SSL_CTRL_SET_TLSEXT_TICKET_KEYS = 59;
const SSL_CTRL_CLEAR_MODE = 78;
const SSL_CTRL_CHAIN_CERT = 89;
const SSL_CTRL_SET_MIN_PROTO_VERSION = 123;
const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
/** Sessions are kept by our own cache; OpenSSL neither stores nor looks up. */
const SSL_SESS_CACHE_SERVER_EXTERNAL = 0x382n;
const SSL_VERIFY_PEER = 1;
const SSL_VERIFY_FAIL_IF_NO_PEER_CERT = 2;
const TLS1_3_VERSION = 0x0304;
/** Name, HMAC key and AES key, as `SSL_CTX_set_tlsext_ticket_keys` wants them. */
const ticketKeyBytes = 80;
const versionNumbers = { 'TLSv1.2': 0x0303n, 'TLSv1.3': 0x0304n } as const;

/** What a generation is made from. */
export interface ServerMaterial {
  readonly options: TlsServerOptions;
  /** A digest of what makes a client trusted: sessions made under another one are not resumed. */
  readonly trust: string;
  readonly ticketKeys: Uint8Array;
  readonly sessions: SessionCache;
}

/** A connection, and the memory through which its bytes go. */
export interface NativeConnection {
  readonly channel: Channel;
  readonly arena: Arena;
}

interface NamedContext {
  readonly certificate: X509Certificate;
  readonly context: Pointer;
}

let live = 0;

/** How many contexts OpenSSL holds for this thread's servers. For tests: nothing may stay behind. */
export function liveContexts(): number {
  return live;
}

export class NativeServerContexts implements ChannelOwner {
  readonly #openssl: OpenSsl;
  readonly #contexts: NamedContext[] = [];
  readonly #protocols: readonly Buffer[];
  readonly #sessions: SessionCache;
  #channels = 0;
  #retired = false;

  /** @throws Error when OpenSSL does not take something; then nothing is held */
  constructor(openssl: OpenSsl, material: ServerMaterial) {
    const { options } = material;
    this.#openssl = openssl;
    this.#protocols = (options.alpn ?? []).map((protocol) => Buffer.from(protocol, 'latin1'));
    this.#sessions = material.sessions;
    const store = this.#storeOf(options);
    try {
      for (const identity of options.certificates) {
        const certificate = new X509Certificate(Buffer.from(identity.certificate));
        const context = openssl.ssl.SSL_CTX_new(openssl.ssl.TLS_server_method());
        if (context === 0n) this.#refuse('a context');
        this.#contexts.push({ certificate, context });
        live++;
        this.#identify(context, identity);
        this.#configure(context, material, store);
      }
    } catch (error) {
      this.retire();
      throw error;
    } finally {
      openssl.ssl.X509_STORE_free(store);
    }
  }

  /** A connection that answers a handshake. */
  open(): NativeConnection {
    const channel = new Channel(this.#openssl, this.#contexts[0].context, 'accept', this);
    this.#channels++;
    return { channel, arena: this.#openssl.arena };
  }

  /** No handshake begins with these any more. */
  retire(): void {
    this.#retired = true;
    this.#freeIfUnused();
  }

  channelFreed(): void {
    this.#channels--;
    this.#freeIfUnused();
  }

  // Decisions of a handshake

  /** The first context whose certificate is made out to the name, or the first of all. */
  chooseContext(pointer: Pointer): void {
    const { ssl, arena } = this.#openssl;
    const name = arena.text(ssl.SSL_get_servername(pointer, 0));
    if (name === '') return;
    for (const { certificate, context } of this.#contexts) {
      if (certificate.checkHost(name) === undefined) continue;
      if (context !== this.#contexts[0].context) ssl.SSL_set_SSL_CTX(pointer, context);
      return;
    }
  }

  chooseProtocol(offered: Uint8Array): number {
    for (const protocol of this.#protocols) {
      for (let at = 0; at < offered.length; at += 1 + offered[at]) {
        if (offered[at] === protocol.length && protocol.equals(offered.subarray(at + 1, at + 1 + protocol.length))) return at;
      }
    }
    return -1;
  }

  keepSession(pointer: Pointer, session: Pointer): void {
    const { ssl, arena } = this.#openssl;
    if (ssl.SSL_version(pointer) >= TLS1_3_VERSION) return; // by ticket alone
    const { scratch, sealed } = arena;
    const id = ssl.SSL_SESSION_get_id(session, scratch.address);
    const idLength = new DataView(scratch.bytes.buffer).getUint32(0, true);
    const length = ssl.i2d_SSL_SESSION(session, 0n);
    if (idLength === 0 || length <= 0 || length > sealed.bytes.length) return;
    const key = Buffer.from(arena.copy(id, idLength)).toString('hex');
    this.#openssl.setPointer(scratch.address, sealed.address);
    ssl.i2d_SSL_SESSION(session, scratch.address);
    this.#sessions.put(key, Buffer.from(sealed.bytes.subarray(0, length)));
  }

  findSession(id: Uint8Array): Pointer {
    const { ssl, arena } = this.#openssl;
    const kept = this.#sessions.get(Buffer.from(id).toString('hex'));
    if (kept === null || kept.length > arena.sealed.bytes.length) return 0n;
    arena.sealed.bytes.set(kept);
    this.#openssl.setPointer(arena.scratch.address, arena.sealed.address);
    return ssl.d2i_SSL_SESSION(0n, arena.scratch.address, BigInt(kept.length));
  }

  // Making contexts

  #identify(context: Pointer, { certificate, key, passphrase }: TlsIdentity): void {
    const { ssl } = this.#openssl;
    const [own, ...chain] = this.#certificatesOf(certificate);
    try {
      if (own === undefined || ssl.SSL_CTX_use_certificate(context, own) !== 1) this.#refuse('the certificate');
      // The context keeps a reference of its own.
      for (const link of chain) if (ssl.SSL_CTX_ctrl(context, SSL_CTRL_CHAIN_CERT, 1n, link) !== 1n) this.#refuse('the chain');
    } finally {
      for (const taken of [own, ...chain]) if (taken !== undefined) ssl.X509_free(taken);
    }
    const readable = createPrivateKey({ key: textOf(key), ...(passphrase !== undefined && { passphrase }) });
    const bio = this.#openssl.bioOf(Buffer.from(readable.export({ type: 'pkcs8', format: 'pem' })));
    const native = ssl.PEM_read_bio_PrivateKey(bio, 0n, 0n, 0n);
    ssl.BIO_free(bio);
    const accepted = native !== 0n && ssl.SSL_CTX_use_PrivateKey(context, native) === 1;
    ssl.EVP_PKEY_free(native);
    if (!accepted) this.#refuse('the key');
  }

  #configure(context: Pointer, { options, trust, ticketKeys }: ServerMaterial, store: Pointer): void {
    const { ssl, arena } = this.#openssl;
    const { alpn = [], ca, clientCertificate = 'none', sessionIds = 0, tickets = true } = options;
    const ctrl = (command: number, value: bigint, at: Pointer = 0n): bigint => ssl.SSL_CTX_ctrl(context, command, value, at);
    this.#setVersionsAndCiphers(context, options);
    ctrl(SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS);
    ctrl(SSL_CTRL_CLEAR_MODE, SSL_MODE_AUTO_RETRY); // so that a channel sees records without data
    ssl.SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE | (tickets ? 0n : SSL_OP_NO_TICKET));
    ssl.X509_STORE_up_ref(store);
    ssl.SSL_CTX_set_cert_store(context, store);
    if (clientCertificate === 'request') ssl.SSL_CTX_set_verify(context, SSL_VERIFY_PEER, this.#openssl.anyCertificateCallback);
    if (clientCertificate === 'require') ssl.SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, 0n);
    for (const root of this.#rootsOf(clientCertificate === 'none' ? undefined : ca)) {
      ssl.SSL_CTX_add_client_CA(context, root);
      ssl.X509_free(root);
    }
    ssl.SSL_CTX_callback_ctrl(context, SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, this.#openssl.serverNameCallback);
    if (alpn.length > 0) ssl.SSL_CTX_set_alpn_select_cb(context, this.#openssl.alpnCallback, 0n);
    arena.scratch.bytes.set(Buffer.from(trust.slice(0, 32), 'latin1'));
    ssl.SSL_CTX_set_session_id_context(context, arena.scratch.address, 32);
    ssl.SSL_CTX_set_timeout(context, BigInt(options.sessionLifetimeSeconds ?? 300));
    if (!tickets) ssl.SSL_CTX_set_num_tickets(context, 0n);
    arena.scratch.bytes.set(new Uint8Array(hkdfSync('sha256', ticketKeys, '', 'sluice session tickets', ticketKeyBytes)));
    if (ctrl(SSL_CTRL_SET_TLSEXT_TICKET_KEYS, BigInt(ticketKeyBytes), arena.scratch.address) !== 1n) this.#refuse('the ticket keys');
    arena.scratch.bytes.fill(0, 0, ticketKeyBytes);
    ctrl(SSL_CTRL_SET_SESS_CACHE_MODE, sessionIds > 0 ? SSL_SESS_CACHE_SERVER_EXTERNAL : 0n);
    if (sessionIds > 0) {
      ssl.SSL_CTX_sess_set_new_cb(context, this.#openssl.newSessionCallback);
      ssl.SSL_CTX_sess_set_get_cb(context, this.#openssl.getSessionCallback);
    }
  }

  /**
   * As node:tls does: one list has the suites of TLS 1.3 (`TLS_…`) and the ciphers of TLS 1.2. Without suites in it OpenSSL's own stay;
   * with nothing but suites TLS 1.2 is not spoken.
   */
  #setVersionsAndCiphers(context: Pointer, { ciphers = tls.DEFAULT_CIPHERS, maxVersion = 'TLSv1.3', minVersion = 'TLSv1.2' }: TlsServerOptions): void {
    const { ssl } = this.#openssl;
    const names = ciphers.split(':').filter((name) => name !== '');
    const suites = names.filter((name) => name.startsWith('TLS_'));
    const older = names.filter((name) => !name.startsWith('TLS_'));
    const lowest = older.length === 0 ? 'TLSv1.3' : minVersion;
    if (suites.length > 0 && ssl.SSL_CTX_set_ciphersuites(context, suites.join(':')) !== 1) this.#refuse('the cipher suites');
    if (older.length > 0 && ssl.SSL_CTX_set_cipher_list(context, older.join(':')) !== 1) this.#refuse('the ciphers');
    ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MIN_PROTO_VERSION, versionNumbers[lowest], 0n);
    ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, versionNumbers[maxVersion], 0n);
  }

  /** Whom to trust. Node's own roots are there only if clients are asked. */
  #storeOf({ ca, clientCertificate = 'none' }: TlsServerOptions): Pointer {
    const { ssl } = this.#openssl;
    const store = ssl.X509_STORE_new();
    const roots = ca ?? (clientCertificate === 'none' ? undefined : nodeRoots());
    for (const root of this.#rootsOf(roots)) {
      ssl.X509_STORE_add_cert(store, root);
      ssl.X509_free(root);
    }
    return store;
  }

  #rootsOf(roots: Pem | readonly Pem[] | undefined): Pointer[] {
    if (roots === undefined) return [];
    const list = typeof roots === 'string' || roots instanceof Uint8Array ? [roots] : roots;
    return list.flatMap((root) => this.#certificatesOf(root));
  }

  /** All certificates of a PEM text; each is the caller's to free. */
  #certificatesOf(text: Pem): Pointer[] {
    const { ssl } = this.#openssl;
    const bio = this.#openssl.bioOf(Buffer.from(text));
    const found: Pointer[] = [];
    for (;;) {
      const certificate = ssl.PEM_read_bio_X509(bio, 0n, 0n, 0n);
      if (certificate === 0n) break;
      found.push(certificate);
    }
    ssl.BIO_free(bio);
    this.#openssl.narrow.ERR_clear_error(0); // the end of the text is one
    return found;
  }

  #refuse(what: string): never {
    const { code, message } = takeFailure(this.#openssl);
    throw Object.assign(new Error(`OpenSSL does not take ${what}: ${message}`), { code });
  }

  #freeIfUnused(): void {
    if (!this.#retired || this.#channels > 0) return;
    for (const { context } of this.#contexts.splice(0)) {
      this.#openssl.ssl.SSL_CTX_free(context);
      live--;
    }
  }
}

/** The certificates that Node trusts by default; before Node 22.15, those that it was built with. */
function nodeRoots(): readonly string[] {
  return (tls.getCACertificates as typeof tls.getCACertificates | undefined)?.('default') ?? tls.rootCertificates;
}

function textOf(pem: Pem): string {
  return typeof pem === 'string' ? pem : Buffer.from(pem).toString('latin1');
}
