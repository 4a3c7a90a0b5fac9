// The way out by itself, over an endpoint that takes what it is told to, and an encryption that can be read.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { Outlet, type Sealing } from '../src/outlet.ts';

class Scripted implements Endpoint {
  readonly peer = { host: 'memory', port: 1 };
  readonly local = { host: 'memory', port: 2 };
  readonly calls: string[] = [];
  bytesIn = 0;
  bytesOut = 0;
  queuedBytes = 0;
  takesAtOnce = true;
  readonly #queue: Brigade;

  constructor(pool: Pool) {
    this.#queue = new Brigade(pool);
  }

  attach(_sink: EndpointSink): void {}

  setReading(): void {}

  write(brigade: Brigade): void {
    this.calls.push(`write ${Buffer.from(brigade.flatten()).toString('latin1')}`);
    this.queuedBytes += brigade.length;
    brigade.setaside();
    this.#queue.concat(brigade);
    if (this.takesAtOnce) this.take();
  }

  take(): void {
    this.bytesOut += this.queuedBytes;
    this.queuedBytes = 0;
    this.#queue.destroy();
  }

  shutdown(): void {
    this.calls.push('shutdown');
  }

  close(): void {
    this.calls.push('close');
  }

  abort(): void {
    this.calls.push('abort');
  }
}

function stage(room = 100): { pool: Pool; inner: Scripted; outlet: Outlet; heard: string[]; broken: { now: boolean } } {
  const pool = new Pool('outlet');
  const inner = new Scripted(pool);
  const heard: string[] = [];
  const broken = { now: false };
  const output = { bytes: new Uint8Array(room), address: 0n, low: 0 };
  const sealed = { bytes: new Uint8Array(room), address: 0n, low: 0 };
  let written = '';
  const sealing: Sealing = {
    arena: { output, sealed },
    channel: {
      seal(length) {
        written += broken.now ? '!' : `[${Buffer.from(output.bytes.subarray(0, length)).toString('latin1')}]`;
        return !broken.now;
      },
      takeSealed() {
        const length = Math.min(written.length, room);
        sealed.bytes.set(Buffer.from(written.slice(0, length), 'latin1'));
        written = written.slice(length);
        return length;
      },
    },
  };
  const outlet = new Outlet(inner, sealing, pool, { onPieceLeft: () => heard.push('left'), onSealFailure: () => heard.push('failure') });
  return { pool, inner, outlet, heard, broken };
}

describe('Outlet', () => {
  it('encrypts a piece into one write, and says that it has left', () => {
    const { inner, outlet, heard, pool } = stage();
    expect(outlet.sendBytes(Buffer.from('piece'))).toBe(true);
    outlet.room().set(Buffer.from('gathered'));
    expect(outlet.send(8)).toBe(true);
    expect([inner.calls, heard]).toEqual([['write [piece]', 'write [gathered]'], []]);
    expect(pool.outstanding().bytes).toBe(0);
  });

  it('says so later when the inner endpoint takes it later', () => {
    const { inner, outlet, heard } = stage();
    inner.takesAtOnce = false;
    expect(outlet.sendBytes(Buffer.from('piece'))).toBe(false);
    outlet.progress();
    expect(heard).toEqual([]);
    inner.take();
    outlet.progress();
    outlet.progress();
    expect(heard).toEqual(['left']);
  });

  it.each([2, 3, 4, 6])('takes more than fits in one go, and leaves nothing behind when the inner endpoint has its turn (%i)', (room) => {
    const { inner, outlet, pool } = stage(room);
    inner.takesAtOnce = false;
    outlet.sendBytes(Buffer.from('ab'.slice(0, room)));
    expect(inner.calls).toEqual(['write [ab]']);
    expect(outlet.waitingBytes).toBe(4);
    inner.take();
    expect([outlet.waitingBytes, pool.outstanding().bytes]).toEqual([0, 0]);
  });

  it('counts nothing that OpenSSL says behind the FIN', () => {
    const { inner, outlet } = stage();
    outlet.shutdown();
    inner.takesAtOnce = false;
    outlet.sendBytes(Buffer.from('too late'));
    expect(outlet.isEmpty).toBe(true);
    outlet.leave();
    expect([inner.calls.at(-1), outlet.hasLeft]).toEqual(['close', true]);
  });

  it('tells a failure from the event loop, after what the failure has to say', async () => {
    const { inner, outlet, heard, broken } = stage();
    broken.now = true;
    expect(outlet.sendBytes(Buffer.from('piece'))).toBe(false);
    expect([inner.calls, heard]).toEqual([['write !'], []]);
    await nextTurn();
    expect(heard).toEqual(['failure']);
  });

  it('leaves when everything has left, FIN included', () => {
    const { inner, outlet } = stage();
    inner.takesAtOnce = false;
    outlet.sendBytes(Buffer.from('bye'));
    outlet.leave();
    outlet.shutdown();
    outlet.progress();
    expect(inner.calls).toEqual(['write [bye]', 'shutdown']);
    inner.take();
    outlet.progress();
    outlet.progress();
    expect(inner.calls).toEqual(['write [bye]', 'shutdown', 'close']);
  });
});
