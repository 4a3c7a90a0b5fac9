// One connection of OpenSSL's by itself: what its answers are, and that no call reaches OpenSSL once it is over.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Channel, done, failed, goodbye, liveChannels, wantsMore } from '../../src/native/channel.ts';
import { nativeTls } from '../../src/native/form.ts';
import type { NativeServerContexts } from '../../src/native/server-contexts.ts';
import { Certificates } from '../certificates.ts';
import { Client, hear, native, pass, say, serverContexts, shake } from './loopback.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());

// Pointers are beyond 4 GiB in worker threads, and anywhere where node's binary is built to lie there.
const lowBios = { lowReadBio: native?.lowReadBio ?? 0, lowWriteBio: native?.lowWriteBio ?? 0 };
afterAll(() => void Object.assign(native ?? {}, lowBios));

describe.runIf(nativeTls().openssl !== null).each(['low', 'high'])('Channel, with %s pointers', (where) => {
  beforeAll(() => void Object.assign(native, where === 'low' ? lowBios : { lowReadBio: 0, lowWriteBio: 0 }));
  let contexts: NativeServerContexts;
  const channels: Channel[] = [];

  function pair(): { client: Channel; server: Channel } {
    contexts = serverContexts({ certificates: [certificates.root] });
    const client = new Client().channel;
    const server = contexts.open().channel;
    channels.push(client, server);
    return { client, server };
  }

  afterEach(() => {
    for (const channel of channels.splice(0)) channel.free();
    contexts.retire();
    expect(liveChannels()).toBe(0);
    const { ssl } = native;
    expect([ssl.BIO_ctrl_pending(native.readBio), ssl.BIO_ctrl_pending(native.writeBio)]).toEqual([0, 0]);
  });

  it('agrees, and passes bytes both ways', () => {
    const { client, server } = pair();
    expect(shake(client, server)).toEqual([done, done]);
    say(client, 'there');
    pass(client, server);
    expect(hear(server)).toBe('there');
    expect(hear(server)).toBe(wantsMore);
    say(server, 'and back');
    pass(server, client);
    expect(hear(client)).toBe('and back');
    expect(server).toMatchObject({ protocol: 'TLSv1.3', alpn: null, serverName: null, resumed: false, refusal: null });
    expect(server.cipher).toMatch(/^TLS_/);
    expect(server.peerCertificate()).toBe(null);
    expect(client.peerCertificate()?.subject).toBe('O=Sluice\nCN=Test root');
  });

  it('waits for the rest of a record that was cut off anywhere', () => {
    const { client, server } = pair();
    shake(client, server);
    say(client, 'in pieces');
    const sealed = native.arena.sealed.bytes.slice(0, client.takeSealed());
    for (let at = 0; at < sealed.length - 1; at++) {
      server.feed(sealed, at, at + 1);
      expect(hear(server)).toBe(wantsMore);
    }
    server.feed(sealed, sealed.length - 1, sealed.length);
    expect(hear(server)).toBe('in pieces');
  });

  it('gives back what was fed and not looked at', () => {
    const { client, server } = pair();
    shake(client, server);
    server.feed(Buffer.from('not looked at'), 4, 10);
    expect(server.fedBytes).toBe(6);
    expect(Buffer.from(server.takeFed()).toString()).toBe('looked');
    expect([server.fedBytes, server.takeFed().length]).toEqual([0, 0]);
  });

  it('tells a goodbye', () => {
    const { client, server } = pair();
    shake(client, server);
    client.sayGoodbye();
    pass(client, server);
    expect([hear(server), hear(server)]).toEqual([goodbye, goodbye]);
    expect(say(server, 'the other direction goes on')).toBe(true);
    expect(server.takeSealed()).toBeGreaterThan(0);
  });

  it('fails once, says why, has an alert to send, and does nothing from then on', () => {
    const { client, server } = pair();
    shake(client, server);
    server.feed(Buffer.from('\x17\x03\x03\x00\x20 not encrypted by anybody, though', 'latin1'), 0, 38);
    expect(hear(server)).toBe(failed);
    expect(server.failure?.code).toBe('ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC');
    server.takeFed();
    pass(server, client);
    expect(hear(client)).toBe(failed);
    expect(client.failure?.code).toBe('ERR_SSL_SSL/TLS_ALERT_BAD_RECORD_MAC');
    expect([server.handshake(), hear(server), say(server, 'x')]).toEqual([failed, failed, false]);
    server.feed(Buffer.from('more'), 0, 4);
    server.sayGoodbye();
    expect([server.fedBytes, server.takeSealed()]).toEqual([0, 0]);
  });

  it('is freed once, whatever state it is in, and answers nothing then', () => {
    const { client, server } = pair();
    client.handshake();
    server.free();
    server.free();
    expect(server.isFreed).toBe(true);
    expect(liveChannels()).toBe(1);
    expect([server.handshake(), hear(server), say(server, 'x'), server.refusal, server.takeSealed()]).toEqual([failed, failed, false, null, 0]);
    server.feed(Buffer.from('x'), 0, 1);
    expect(server.fedBytes).toBe(0);
  });
});
