// A client that does what no client of good will does: OpenSSL driven by hand over an endpoint, with what its API has for mischief.

import { Brigade, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import type { Channel } from '../../src/native/channel.ts';
import { done } from '../../src/native/channel.ts';
import { type SslFailure, takeFailure } from '../../src/native/failures.ts';
import { loadFfi, type Ffi, type Pointer } from '../../src/native/symbols.ts';
import type { TlsVersion } from '../../src/index.ts';
import { Client, native } from './loopback.ts';

const pieceBytes = 32_768;
const SSL_KEY_UPDATE_REQUESTED = 1;
const SSL_ERROR_SSL = 1;

const mischief = {
  SSL_key_update: { arguments: ['pointer', 'i32'], return: 'i32' },
  SSL_renegotiate: { arguments: ['pointer'], return: 'i32' },
} as const;

function openMischief(ffi: Ffi): ReturnType<typeof ffi.dlopen<typeof mischief>>['functions'] {
  return ffi.dlopen(null, mischief).functions;
}

export class RawClient implements EndpointSink {
  readonly channel: Channel;
  readonly #endpoint: Endpoint;
  readonly #pool: Pool;
  readonly #deliver: () => void;
  readonly #pointer: Pointer;
  readonly #mischief = openMischief(loadFfi() as Ffi);
  agreed = false;
  text = '';
  failure: SslFailure | null = null;
  closed = false;

  /** `deliver` lets what was written arrive. */
  constructor(endpoint: Endpoint, pool: Pool, version: TlsVersion = 'TLSv1.3', deliver: () => void = () => {}) {
    this.#deliver = deliver;
    this.#endpoint = endpoint;
    this.#pool = pool;
    const client = new Client(version);
    this.channel = client.channel;
    this.#pointer = client.pointer;
    endpoint.attach(this);
    endpoint.setReading(true);
    this.#handshake();
  }

  /** In two writes, cut at so many bytes of the record. */
  say(text: string, cutAt = 0): void {
    native.arena.output.bytes.set(Buffer.from(text, 'latin1'));
    this.channel.seal(text.length);
    if (cutAt === 0) {
      this.#flush();
      return;
    }
    const record = native.arena.sealed.bytes.slice(0, this.channel.takeSealed());
    for (const piece of [record.subarray(0, cutAt), record.subarray(cutAt)]) {
      const brigade = new Brigade(this.#pool);
      brigade.write(piece);
      this.#endpoint.write(brigade);
      this.#deliver();
    }
  }

  /** So many KeyUpdates that want an answer (RFC 8446 section 4.6.3). */
  updateKeys(count: number): void {
    for (let sent = 0; sent < count; sent++) {
      this.#mischief.SSL_key_update(this.#pointer, SSL_KEY_UPDATE_REQUESTED);
      native.ssl.SSL_do_handshake(this.#pointer);
      if (sent % 500 === 499) this.#flush();
    }
    this.#flush();
  }

  /** Asks for a new handshake (RFC 5246 section 7.4.1.2), whatever was answered to the last time. */
  renegotiate(): void {
    this.#mischief.SSL_renegotiate(this.#pointer);
    native.ssl.SSL_do_handshake(this.#pointer);
    native.narrow.ERR_clear_error(0);
    this.#flush();
  }

  sayGoodbye(): void {
    this.channel.sayGoodbye();
    this.#flush();
  }

  onBytes(bytes: Uint8Array, start: number, end: number): void {
    for (let at = start; at < end; at += pieceBytes) {
      this.channel.feed(bytes, at, Math.min(end, at + pieceBytes));
      if (!this.agreed) this.#handshake();
      if (this.agreed) this.#read();
      if (this.channel.fedBytes > 0) this.channel.takeFed();
    }
  }

  onProgress(): void {}

  onEnd(): void {}

  onClose(): void {
    this.closed = true;
    this.channel.free();
  }

  #handshake(): void {
    this.agreed = this.channel.handshake() === done;
    this.#flush();
  }

  #read(): void {
    const region = native.arena.lend();
    for (let more = true; more;) {
      native.narrow.ERR_clear_error(0);
      const got = native.ssl.SSL_read(this.#pointer, region.address, region.bytes.length);
      if (got > 0) this.text += Buffer.from(region.bytes.subarray(0, got)).toString('latin1');
      else if (native.ssl.SSL_get_error(this.#pointer, got) === SSL_ERROR_SSL) this.failure ??= takeFailure(native);
      more = got > 0;
    }
    native.arena.giveBack();
    this.#flush();
  }

  #flush(): void {
    const brigade = new Brigade(this.#pool);
    for (let length = this.channel.takeSealed(); length > 0; length = this.channel.takeSealed()) brigade.write(native.arena.sealed.bytes, 0, length);
    this.#endpoint.write(brigade);
  }
}
