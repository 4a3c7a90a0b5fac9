// One TLS connection as OpenSSL has it: bytes in, bytes out, no socket. The caller feeds what arrived and takes what is to be sent;
// in between everything lies in the arena and the two BIOs, which are empty again when a method that says so returns.
//
//     feed(…) ─▶ handshake() | read(…) ─▶ takeSealed() … until 0        seal(length) | sayGoodbye() ─▶ takeSealed() … until 0
//
//     ssl = 0 ⇔ freed; after `failed` only `takeSealed` (the alert) and `free` are of use
//
// A freed or failed connection answers `failed` to everything: no call reaches OpenSSL with a pointer that is not alive.

import { X509Certificate } from 'node:crypto';
import { copyBytes } from '@sluice/brigade';
import { copyInto } from '../copying.ts';
import type { Region } from './arena.ts';
import { refusalOf, type SslFailure, takeFailure } from './failures.ts';
import type { HandshakeDecisions, OpenSsl } from './openssl.ts';
import { narrowed, type Pointer } from './symbols.ts';

const SSL_ERROR_WANT_READ = 2;
const SSL_ERROR_ZERO_RETURN = 6;
const TLSEXT_NAMETYPE_host_name = 0;

/**
 * A KeyUpdate has 27 bytes and costs some seven times what data of that size does, or twenty times when it wants an answer; RFC 8446
 * section 4.6.3 lets a peer send any number. So each record without data is to be paid for with data, and there is something to begin with.
 */
const idleRecordBytes = 1024;
const mostCreditBytes = 32 * idleRecordBytes;

/** Answers of `handshake` and `read`. */
export const wantsMore = 0;
export const done = 1;
export const failed = -1;
export const goodbye = -2;

export type HandshakeStep = typeof wantsMore | typeof done | typeof failed;

/** Whose the channel is: the contexts that it was made from. */
export interface ChannelOwner extends HandshakeDecisions {
  /** The channel does not need the contexts any more. */
  channelFreed(): void;
}

let live = 0;

/** How many connections OpenSSL holds for this thread. For tests: nothing may stay behind. */
export function liveChannels(): number {
  return live;
}

export class Channel {
  /** Why it failed. */
  failure: SslFailure | null = null;
  readonly #openssl: OpenSsl;
  readonly #owner: ChannelOwner;
  #ssl: Pointer;
  /** The same as a plain number, or 0 when that cannot be used. */
  readonly #low: number;
  #broken = false;
  #creditBytes = mostCreditBytes;

  /**
   * A connection under the context, which answers (`accept`) or begins the handshake.
   * @throws Error when OpenSSL has no memory
   */
  constructor(openssl: OpenSsl, context: Pointer, role: 'accept' | 'connect', owner: ChannelOwner) {
    const { ssl, readBio, writeBio } = openssl;
    this.#openssl = openssl;
    this.#owner = owner;
    this.#ssl = ssl.SSL_new(context);
    if (this.#ssl === 0n) throw new Error(takeFailure(openssl).message);
    this.#low = openssl.lowReadBio === 0 ? 0 : narrowed(this.#ssl);
    live++;
    ssl.BIO_up_ref(readBio);
    ssl.BIO_up_ref(writeBio);
    ssl.SSL_set_bio(this.#ssl, readBio, writeBio);
    if (role === 'accept') ssl.SSL_set_accept_state(this.#ssl);
    else ssl.SSL_set_connect_state(this.#ssl);
  }

  get isFreed(): boolean {
    return this.#ssl === 0n;
  }

  /** Hands over up to `pieceBytes` of what arrived: `bytes[start, end)`. */
  feed(bytes: Uint8Array, start: number, end: number): void {
    if (this.#ssl === 0n || this.#broken) return;
    const { ssl, narrow, arena, readBio, lowReadBio } = this.#openssl;
    const { input } = arena;
    copyInto(bytes, start, end, input.bytes, 0);
    if (lowReadBio !== 0) narrow.BIO_write(lowReadBio, input.low, end - start);
    else ssl.BIO_write(readBio, input.address, end - start);
  }

  /** Goes on with the handshake. What it sends, an alert too, is to be taken. Bytes fed behind its end are still there. */
  handshake(): HandshakeStep {
    if (this.#ssl === 0n || this.#broken) return failed;
    const { ssl } = this.#openssl;
    this.#openssl.narrow.ERR_clear_error(0);
    this.#openssl.answering = this.#owner;
    const result = ssl.SSL_do_handshake(this.#ssl);
    this.#openssl.answering = null;
    if (result === 1) return done;
    if (ssl.SSL_get_error(this.#ssl, result) === SSL_ERROR_WANT_READ && this.fedBytes === 0) return wantsMore;
    return this.#fail();
  }

  /**
   * Decrypts into the region from `at` on: how many bytes there are, or `wantsMore`, `goodbye`, `failed`. `wantsMore` with bytes left of
   * what was fed stands for a record without data.
   */
  read({ address, bytes, low }: Region, at: number): number {
    if (this.#ssl === 0n || this.#broken) return failed;
    const { ssl, narrow } = this.#openssl;
    const capacity = bytes.length - at;
    narrow.ERR_clear_error(0); // errors that others on this thread, or a read before, have left behind would be taken for ours
    const got =
      this.#low !== 0 && low !== 0
        ? narrow.SSL_read(this.#low, low + at, capacity)
        : ssl.SSL_read(this.#ssl, at === 0 ? address : address + BigInt(at), capacity);
    if (got > 0) {
      if (this.#creditBytes < mostCreditBytes) this.#creditBytes += got;
      return got;
    }
    const why = ssl.SSL_get_error(this.#ssl, got);
    if (why === SSL_ERROR_WANT_READ) return this.#isMidRecord() || this.#payForRecord() ? wantsMore : failed;
    return why === SSL_ERROR_ZERO_RETURN ? goodbye : this.#fail();
  }

  /** Bytes fed and not looked at yet. */
  get fedBytes(): number {
    const { ssl, narrow, readBio, lowReadBio } = this.#openssl;
    return lowReadBio !== 0 ? narrow.BIO_ctrl_pending(lowReadBio) : ssl.BIO_ctrl_pending(readBio);
  }

  /** Takes back what was fed and not looked at yet. */
  takeFed(): Uint8Array {
    const { ssl, arena, readBio } = this.#openssl;
    const length = this.fedBytes;
    if (length > 0) ssl.BIO_read(readBio, arena.input.address, length);
    return copyBytes(arena.input.bytes, 0, length);
  }

  /** Encrypts the first `length` bytes of the arena's output, to be taken; `false` when that failed. */
  seal(length: number): boolean {
    if (this.#ssl === 0n || this.#broken) return false;
    const { ssl, narrow, arena } = this.#openssl;
    const { address, low } = arena.output;
    narrow.ERR_clear_error(0);
    const sealed = this.#low !== 0 ? narrow.SSL_write(this.#low, low, length) : ssl.SSL_write(this.#ssl, address, length);
    if (sealed === length) return true;
    this.#fail();
    return false;
  }

  /** Moves what is to be sent to the arena's `sealed`, as much as there is room for; answers how many bytes. */
  takeSealed(): number {
    const { ssl, narrow, arena, writeBio, lowWriteBio } = this.#openssl;
    const { address, bytes, low } = arena.sealed;
    const taken = lowWriteBio !== 0 ? narrow.BIO_read(lowWriteBio, low, bytes.length) : ssl.BIO_read(writeBio, address, bytes.length);
    return Math.max(0, taken);
  }

  /** close_notify, to be taken. Only after the handshake. */
  sayGoodbye(): void {
    if (this.#ssl === 0n || this.#broken) return;
    this.#openssl.narrow.ERR_clear_error(0);
    this.#openssl.ssl.SSL_shutdown(this.#ssl);
  }

  /** Gives everything back to OpenSSL, once. What is left in the BIOs is dropped. */
  free(): void {
    const pointer = this.#ssl;
    if (pointer === 0n) return;
    this.#ssl = 0n;
    live--;
    this.#openssl.ssl.SSL_free(pointer);
    this.#openssl.reset();
    this.#owner.channelFreed();
  }

  // What was agreed on, once the handshake is done

  get protocol(): string {
    return this.#openssl.arena.text(this.#openssl.ssl.SSL_get_version(this.#ssl));
  }

  get cipher(): string {
    const { ssl, arena } = this.#openssl;
    return arena.text(ssl.SSL_CIPHER_get_name(ssl.SSL_get_current_cipher(this.#ssl)));
  }

  get alpn(): string | null {
    const { ssl, arena } = this.#openssl;
    const { address, bytes } = arena.scratch;
    ssl.SSL_get0_alpn_selected(this.#ssl, address, address + 8n);
    const result = new DataView(bytes.buffer);
    const length = result.getUint32(8, true);
    return length === 0 ? null : Buffer.from(arena.copy(result.getBigUint64(0, true), length)).toString('latin1');
  }

  /** As the client gave it. */
  get serverName(): string | null {
    const { ssl, arena } = this.#openssl;
    return arena.text(ssl.SSL_get_servername(this.#ssl, TLSEXT_NAMETYPE_host_name)) || null;
  }

  get resumed(): boolean {
    return this.#openssl.ssl.SSL_session_reused(this.#ssl) === 1;
  }

  /** Why the peer's certificate is not in order, by node:tls's name; `null` when it is, and when there is none. */
  get refusal(): string | null {
    return this.#ssl === 0n ? null : refusalOf(this.#openssl.ssl.SSL_get_verify_result(this.#ssl));
  }

  peerCertificate(): X509Certificate | null {
    const { ssl, arena } = this.#openssl;
    const certificate = ssl.SSL_get1_peer_certificate(this.#ssl);
    if (certificate === 0n) return null;
    try {
      const length = ssl.i2d_X509(certificate, 0n);
      if (length > arena.output.bytes.length) throw new Error(`a certificate of ${length} bytes`); // longer than a handshake message is let be
      this.#openssl.setPointer(arena.scratch.address, arena.output.address);
      ssl.i2d_X509(certificate, arena.scratch.address);
      return new X509Certificate(Buffer.from(arena.output.bytes.subarray(0, length)));
    } finally {
      ssl.X509_free(certificate);
    }
  }

  /** The record read last is not complete. */
  #isMidRecord(): boolean {
    const { ssl, arena } = this.#openssl;
    return arena.text(ssl.SSL_rstate_string(this.#ssl)) !== 'RH' || ssl.SSL_has_pending(this.#ssl) === 1;
  }

  /** A record brought no data; `false` when there were too many of those. */
  #payForRecord(): boolean {
    this.#creditBytes -= idleRecordBytes;
    if (this.#creditBytes >= 0) return true;
    this.#broken = true;
    this.failure = { code: 'ERR_SSL_TOO_MANY_KEY_UPDATES', message: 'too many records without application data' };
    return false;
  }

  #fail(): typeof failed {
    this.#broken = true;
    this.failure = takeFailure(this.#openssl);
    return failed;
  }
}
