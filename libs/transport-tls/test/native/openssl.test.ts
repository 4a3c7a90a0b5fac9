// What all connections of a thread share, and that nothing which goes wrong in a callback gets out of it.

import { afterAll, describe, expect, it } from 'vitest';
import { failed, liveChannels } from '../../src/native/channel.ts';
import { nativeTls } from '../../src/native/form.ts';
import { type HandshakeDecisions, openOpenSsl } from '../../src/native/openssl.ts';
import { Certificates } from '../certificates.ts';
import { Client, native, serverContexts, shake } from './loopback.ts';

const certificates = new Certificates();
afterAll(() => certificates.remove());

describe.runIf(nativeTls().openssl !== null)('OpenSsl', () => {
  it('is opened more than once without one disturbing the other', () => {
    const other = openOpenSsl();
    expect(other.readBio).not.toBe(native.readBio);
    expect(other.arena.input.address).not.toBe(native.arena.input.address);
  });

  it('copies bytes of any length into a BIO, and wipes its own', () => {
    const bytes = Buffer.alloc(150_000, 'key material ');
    const bio = native.bioOf(bytes);
    const { output } = native.arena;
    let read = Buffer.alloc(0);
    for (let got = 1; got > 0; ) {
      got = native.ssl.BIO_read(bio, output.address, output.bytes.length);
      if (got > 0) read = Buffer.concat([read, output.bytes.subarray(0, got)]);
    }
    native.ssl.BIO_free(bio);
    expect(read.equals(bytes)).toBe(true);
    expect(native.arena.input.bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('reset leaves both BIOs and the queue of errors empty', () => {
    const { ssl, arena } = native;
    ssl.BIO_write(native.readBio, arena.input.address, 100);
    ssl.BIO_write(native.writeBio, arena.input.address, 100);
    native.reset();
    expect([ssl.BIO_ctrl_pending(native.readBio), ssl.BIO_ctrl_pending(native.writeBio), ssl.ERR_peek_error()]).toEqual([0, 0, 0n]);
  });

  it.each(['chooseContext', 'findSession'] as const)('an exception in %s does not end the process', (where) => {
    const contexts = serverContexts({ certificates: [certificates.root], alpn: ['one'], sessionIds: 1 });
    const thrown: string[] = [];
    const throwing: HandshakeDecisions = {
      chooseContext: () => contexts.chooseContext(0n),
      chooseProtocol: () => -1,
      keepSession() {},
      findSession: () => 0n,
      [where]() {
        thrown.push(where);
        throw new Error('a fault');
      },
    };
    const { channel } = contexts.open();
    const client = new Client();
    // The same decisions, with a fault in one of them.
    Object.assign(contexts, throwing);
    const [, answered] = shake(client.channel, channel);
    if (where === 'chooseContext') {
      expect(thrown).toEqual([where]);
      expect(answered).toBe(failed);
      expect(channel.failure?.code).toMatch(/^ERR_SSL_/);
    }
    channel.free();
    client.channel.free();
    contexts.retire();
    expect(liveChannels()).toBe(0);
    expect(native.answering).toBe(null);
  });
});
