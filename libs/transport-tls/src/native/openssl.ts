// OpenSSL as this thread reaches it: its functions, the memory shared with it, one pair of memory BIOs for all connections, and the
// callbacks. There is one of these per thread.
//
// One pair of BIOs is enough because nothing waits in them: what is fed is read, and what is written is taken, before anybody else has
// a turn. OpenSSL itself keeps what it has of a record cut off, so a connection without work owns no buffer at all.
//
//     between two calls from outside: both BIOs are empty, and `answering` is null
//
// An exception must not leave a callback, as it would end the process; `Callbacks` catches everything there.

import { Arena } from './arena.ts';
import { loadFfi, narrowed, openSymbols, type CallbackMaker, type Ffi, type Narrow, type Pointer, type Symbols } from './symbols.ts';

const BIO_CTRL_RESET = 1;
const BIO_C_SET_BUF_MEM_EOF_RETURN = 130;
export const SSL_TLSEXT_ERR_OK = 0;
export const SSL_TLSEXT_ERR_ALERT_FATAL = 2;
export const SSL_TLSEXT_ERR_NOACK = 3;

/** What a handshake under way is decided by. None of these throws on purpose; what one throws fails the handshake. */
export interface HandshakeDecisions {
  /** Puts another context in the place of the connection's. */
  chooseContext(ssl: Pointer): void;
  /** Chooses from `offered` (RFC 7301 section 3.1: each with its length before it); answers the index of the choice's length, or -1. */
  chooseProtocol(offered: Uint8Array): number;
  keepSession(ssl: Pointer, session: Pointer): void;
  /** Answers a session whose reference is the caller's, or 0. */
  findSession(id: Uint8Array): Pointer;
}

export class OpenSsl {
  readonly ssl: Symbols;
  readonly narrow: Narrow;
  readonly arena: Arena;
  /** Connections read from here. */
  readonly readBio: Pointer;
  /** Connections write to here. */
  readonly writeBio: Pointer;
  /** The same as plain numbers; 0 when anything that every connection needs lies too high for that. */
  readonly lowReadBio: number;
  readonly lowWriteBio: number;
  readonly serverNameCallback: Pointer;
  readonly alpnCallback: Pointer;
  readonly newSessionCallback: Pointer;
  readonly getSessionCallback: Pointer;
  /** Accepts any certificate and leaves the verdict where it is. */
  readonly anyCertificateCallback: Pointer;
  /** Whoever called `SSL_do_handshake`. */
  answering: HandshakeDecisions | null = null;
  readonly #ffi: Ffi;
  /** Owns the callbacks: they are gone when the collector takes it. */
  readonly callbacks: CallbackMaker;

  /** @throws Error when something is missing */
  constructor(ffi: Ffi) {
    const { ssl, narrow, callbacks } = openSymbols(ffi);
    if (ssl.OPENSSL_version_major() !== 3) throw new Error(`OpenSSL ${ssl.OPENSSL_version_major()} is not 3`);
    this.#ffi = ffi;
    this.callbacks = callbacks;
    this.ssl = ssl;
    this.narrow = narrow;
    this.arena = new Arena(ffi, ssl);
    this.readBio = this.#emptyBio();
    this.writeBio = this.#emptyBio();
    const { input, output, sealed } = this.arena;
    const low = [input.low, output.low, sealed.low, narrowed(this.readBio), narrowed(this.writeBio)].every((address) => address !== 0);
    this.lowReadBio = low ? narrowed(this.readBio) : 0;
    this.lowWriteBio = low ? narrowed(this.writeBio) : 0;
    // int (*)(int, X509_STORE_CTX *) has to answer anything but 0, and this function does, whatever it is called with.
    this.anyCertificateCallback = callbacks.getSymbol('OPENSSL_version_major');
    this.serverNameCallback = callbacks.registerCallback({ arguments: ['u64', 'u64', 'u64'], return: 'i32' }, (pointer) => {
      try {
        this.answering?.chooseContext(pointer);
        return SSL_TLSEXT_ERR_NOACK;
      } catch {
        return SSL_TLSEXT_ERR_ALERT_FATAL;
      }
    });
    this.alpnCallback = callbacks.registerCallback(
      { arguments: ['u64', 'u64', 'u64', 'u64', 'u32', 'u64'], return: 'i32' },
      (_ssl, out, outLength, offered, length) => {
        try {
          return this.#choose(out, outLength, offered, length);
        } catch {
          return SSL_TLSEXT_ERR_ALERT_FATAL;
        }
      },
    );
    this.newSessionCallback = callbacks.registerCallback({ arguments: ['u64', 'u64'], return: 'i32' }, (pointer, session) => {
      try {
        this.answering?.keepSession(pointer, session);
      } catch {
        // then it cannot be resumed
      }
      return 0;
    });
    this.getSessionCallback = callbacks.registerCallback({ arguments: ['u64', 'u64', 'i32', 'u64'], return: 'u64' }, (_ssl, id, length, copy) => {
      try {
        ffi.setInt32(copy, 0, 0);
        return this.answering?.findSession(this.arena.copy(id, length)) ?? 0n;
      } catch {
        return 0n;
      }
    });
  }

  /** Drops what a connection has left in the BIOs because it failed or was closed. */
  reset(): void {
    const { ssl, narrow, readBio, writeBio } = this;
    for (const bio of [readBio, writeBio]) if (ssl.BIO_ctrl_pending(bio) > 0) ssl.BIO_ctrl(bio, BIO_CTRL_RESET, 0n, 0n);
    narrow.ERR_clear_error(0);
  }

  /** A BIO that holds a copy of the bytes; the caller frees it. */
  bioOf(bytes: Uint8Array): Pointer {
    const bio = this.#emptyBio();
    const { input } = this.arena;
    for (let at = 0; at < bytes.length; at += input.bytes.length) {
      const piece = bytes.subarray(at, at + input.bytes.length);
      input.bytes.set(piece);
      this.ssl.BIO_write(bio, input.address, piece.length);
    }
    input.bytes.fill(0, 0, Math.min(bytes.length, input.bytes.length)); // it may have been a key
    return bio;
  }

  /** Writes the pointer to foreign memory, for functions that want to be told where a pointer is. */
  setPointer(at: Pointer, value: Pointer): void {
    this.#ffi.setUint64(at, 0, value);
  }

  #choose(out: Pointer, outLength: Pointer, offered: Pointer, length: number): number {
    const protocols = this.arena.copy(offered, length);
    const index = this.answering?.chooseProtocol(protocols) ?? -1;
    if (index < 0) return SSL_TLSEXT_ERR_ALERT_FATAL;
    this.#ffi.setUint64(out, 0, offered + BigInt(index + 1));
    this.#ffi.setUint8(outLength, 0, protocols[index]);
    return SSL_TLSEXT_ERR_OK;
  }

  #emptyBio(): Pointer {
    const { ssl } = this;
    const bio = ssl.BIO_new(ssl.BIO_s_mem());
    if (bio === 0n) throw new Error('no BIO');
    ssl.BIO_ctrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1n, 0n);
    return bio;
  }
}

/** @throws Error when this Node, or platform, has not all that it takes */
export function openOpenSsl(): OpenSsl {
  if (process.platform !== 'linux') throw new Error(`not done on ${process.platform} yet`);
  const ffi = loadFfi();
  if (ffi === null) throw new Error('this Node has no node:ffi');
  return new OpenSsl(ffi);
}
