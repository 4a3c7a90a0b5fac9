// Two channels of OpenSSL that talk to each other in memory, with no endpoint around them.

import { SessionCache } from '../../src/session-cache.ts';
import { Channel, done, type ChannelOwner, type HandshakeStep } from '../../src/native/channel.ts';
import { nativeTls } from '../../src/native/form.ts';
import type { OpenSsl } from '../../src/native/openssl.ts';
import { NativeServerContexts } from '../../src/native/server-contexts.ts';
import type { Pointer } from '../../src/native/symbols.ts';
import type { TlsServerOptions, TlsVersion } from '../../src/index.ts';

/** Null where there is none; tests that use it are skipped then. */
export const native = nativeTls().openssl as OpenSsl;

export function serverContexts(options: TlsServerOptions, sessions: SessionCache = new SessionCache(0)): NativeServerContexts {
  return new NativeServerContexts(native, { options, trust: 'trust'.repeat(8), ticketKeys: new Uint8Array(48).fill(1), sessions });
}

const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
const TLS1_2_VERSION = 0x0303n;

/** A client that trusts anybody. */
export class Client implements ChannelOwner {
  readonly channel: Channel;
  /** The connection as OpenSSL has it, for what a channel does not do. */
  pointer: Pointer = 0n;
  readonly #context: Pointer;

  constructor(version: TlsVersion = 'TLSv1.3') {
    this.#context = native.ssl.SSL_CTX_new(native.ssl.TLS_client_method());
    if (version === 'TLSv1.2') native.ssl.SSL_CTX_ctrl(this.#context, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION, 0n);
    const noted = (context: Pointer): Pointer => (this.pointer = native.ssl.SSL_new(context));
    const setPointer: OpenSsl['setPointer'] = (at, value) => native.setPointer(at, value);
    const openssl = Object.create(native, { ssl: { value: { ...native.ssl, SSL_new: noted } }, setPointer: { value: setPointer } }) as OpenSsl;
    this.channel = new Channel(openssl, this.#context, 'connect', this);
  }

  channelFreed(): void {
    native.ssl.SSL_CTX_free(this.#context);
  }

  chooseContext(): void {}

  chooseProtocol(): number {
    return -1;
  }

  keepSession(): void {}

  findSession(): Pointer {
    return 0n;
  }
}

/** Passes flights until both are done, or one of them has failed; answers their last steps. */
export function shake(client: Channel, server: Channel): [HandshakeStep, HandshakeStep] {
  let steps: [HandshakeStep, HandshakeStep] = [0, 0];
  for (let flights = 0; flights < 6 && (steps[0] === 0 || steps[1] === 0); flights++) {
    const asked = client.handshake();
    pass(client, server);
    steps = [asked, server.handshake()];
    pass(server, client);
  }
  if (steps[0] === done && steps[1] === done) hear(client); // tickets
  return steps;
}

/** What one has written is what the other is fed. */
export function pass(from: Channel, to: Channel): void {
  const length = from.takeSealed();
  if (length > 0) to.feed(native.arena.sealed.bytes, 0, length);
}

/** Encrypts a text. */
export function say(channel: Channel, text: string): boolean {
  const bytes = Buffer.from(text, 'latin1');
  native.arena.output.bytes.set(bytes);
  return channel.seal(bytes.length);
}

/** Decrypts one record: its text, or the answer that was not one. */
export function hear(channel: Channel): string | number {
  const region = native.arena.lend();
  const got = channel.read(region, 0);
  native.arena.giveBack();
  return got > 0 ? Buffer.from(region.bytes.subarray(0, got)).toString('latin1') : got;
}
