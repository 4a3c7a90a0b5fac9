// Whether this process can drive OpenSSL by itself: everything has to be found, and a connection made with ourselves in memory has to
// work, callbacks included. Asked once per thread; whoever cannot goes by way of node:tls, with the reason at hand.

import { Channel, type ChannelOwner, done, failed } from './channel.ts';
import { type OpenSsl, openOpenSsl } from './openssl.ts';
import type { Pointer } from './symbols.ts';

export type NativeTls = { readonly openssl: OpenSsl; readonly reason: null } | { readonly openssl: null; readonly reason: string };

let cached: NativeTls | null = null;

/** OpenSSL, or why not. */
export function nativeTls(): NativeTls {
  return (cached ??= tryNative(openOpenSsl));
}

/** For an operator: `native`, or `sockets` and why. */
export function tlsForm(): string {
  const { reason } = nativeTls();
  return reason === null ? 'native' : `sockets (${reason})`;
}

/** As `nativeTls`, by another way to get at OpenSSL. */
export function tryNative(open: () => OpenSsl): NativeTls {
  try {
    const openssl = open();
    testWithItself(openssl);
    return { openssl, reason: null };
  } catch (error) {
    return { openssl: null, reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Needs no certificate, and is good for nothing else. */
const testCipher = 'AECDH-AES128-SHA@SECLEVEL=0';
const SSL_CTRL_SET_MAX_PROTO_VERSION = 124;
const TLS1_2_VERSION = 0x0303n;
const testProtocol = Buffer.from('\x04test', 'latin1');
const greeting = Buffer.from('hello, myself');

/** @throws Error when the connection does not come about */
function testWithItself(openssl: OpenSsl): void {
  const { ssl, arena } = openssl;
  const contexts: Pointer[] = [];
  const channels: Channel[] = [];
  const decisions = new TestDecisions();
  try {
    for (const [role, method] of [['accept', ssl.TLS_server_method()], ['connect', ssl.TLS_client_method()]] as const) {
      const context = ssl.SSL_CTX_new(method);
      contexts.push(context);
      ssl.SSL_CTX_ctrl(context, SSL_CTRL_SET_MAX_PROTO_VERSION, TLS1_2_VERSION, 0n);
      if (ssl.SSL_CTX_set_cipher_list(context, testCipher) !== 1) throw new Error('no cipher to test with');
      arena.scratch.bytes.set(testProtocol);
      if (role === 'accept') ssl.SSL_CTX_set_alpn_select_cb(context, openssl.alpnCallback, 0n);
      else ssl.SSL_CTX_set_alpn_protos(context, arena.scratch.address, testProtocol.length);
      channels.push(new Channel(openssl, context, role, decisions));
    }
    greet(openssl, channels[0], channels[1]);
    if (decisions.asked !== 1 || channels[0].alpn !== 'test') throw new Error('callbacks do not arrive');
  } finally {
    for (const channel of channels) channel.free();
    for (const context of contexts) ssl.SSL_CTX_free(context);
  }
}

function greet(openssl: OpenSsl, server: Channel, client: Channel): void {
  const { arena } = openssl;
  /** What one has written is what the other reads. */
  const pass = (from: Channel, to: Channel): void => to.feed(arena.sealed.bytes, 0, from.takeSealed());
  let agreed = false;
  for (let flights = 0; flights < 4 && !agreed; flights++) {
    const asked = client.handshake();
    pass(client, server);
    const answered = asked === failed ? failed : server.handshake();
    pass(server, client);
    if (answered === failed) throw new Error(`a handshake with itself failed: ${(client.failure ?? server.failure)?.message ?? ''}`);
    agreed = asked === done && answered === done;
  }
  if (!agreed) throw new Error('a handshake with itself does not end');
  arena.output.bytes.set(greeting);
  if (!client.seal(greeting.length)) throw new Error('nothing can be encrypted');
  pass(client, server);
  const region = arena.lend();
  const got = server.read(region, 0);
  arena.giveBack();
  if (got !== greeting.length || !greeting.equals(region.bytes.subarray(0, got))) throw new Error('what was encrypted is not what comes out');
}

class TestDecisions implements ChannelOwner {
  asked = 0;

  chooseContext(): void {}

  chooseProtocol(): number {
    this.asked++;
    return 0;
  }

  keepSession(): void {}

  findSession(): Pointer {
    return 0n;
  }

  channelFreed(): void {}
}
