// A client that does what no client of good will does: OpenSSL driven by hand over an endpoint, with what its API has for mischief.

import { Brigade, type Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import type { Channel } from '../../src/native/channel.ts';
import { done, wantsMore } from '../../src/native/channel.ts';
import { loadFfi, type Ffi, type Pointer } from '../../src/native/symbols.ts';
import type { TlsVersion } from '../../src/index.ts';
import { Client, native } from './loopback.ts';

const pieceBytes = 32_768;
const SSL_KEY_UPDATE_REQUESTED = 1;

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
  readonly #pointer: Pointer;
  readonly #mischief = openMischief(loadFfi() as Ffi);
  agreed = false;
  text = '';
  /** What `channel.read` answered last, when it was not bytes. */
  last = 0;
  closed = false;

  constructor(endpoint: Endpoint, pool: Pool, version: TlsVersion = 'TLSv1.3') {
    this.#endpoint = endpoint;
    this.#pool = pool;
    const client = new Client(version);
    this.channel = client.channel;
    this.#pointer = client.pointer;
    endpoint.attach(this);
    endpoint.setReading(true);
    this.#handshake();
  }

  say(text: string): void {
    native.arena.output.bytes.set(Buffer.from(text, 'latin1'));
    this.channel.seal(text.length);
    this.#flush();
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
    do {
      const got = this.channel.read(region, 0);
      if (got > 0) this.text += Buffer.from(region.bytes.subarray(0, got)).toString('latin1');
      else this.last = got;
    } while (this.last === wantsMore && this.channel.fedBytes > 0);
    native.arena.giveBack();
    this.#flush();
  }

  #flush(): void {
    const brigade = new Brigade(this.#pool);
    for (let length = this.channel.takeSealed(); length > 0; length = this.channel.takeSealed()) brigade.write(native.arena.sealed.bytes, 0, length);
    this.#endpoint.write(brigade);
  }
}
