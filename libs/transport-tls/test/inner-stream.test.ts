// The Duplex over an inner endpoint, by itself: nothing buffered, everything passed on, answered when handed over.

import { setImmediate as nextTurn } from 'node:timers/promises';
import { Brigade, Pool } from '@sluice/brigade';
import type { Endpoint, EndpointSink, TransportError } from '@sluice/transport';
import { describe, expect, it } from 'vitest';
import { InnerStream } from '../src/inner-stream.ts';

/** An endpoint that does what it is told, and notes it. */
class Scripted implements Endpoint {
  readonly peer = { host: 'memory', port: 1 };
  readonly local = { host: 'memory', port: 2 };
  readonly calls: string[] = [];
  bytesIn = 0;
  bytesOut = 0;
  queuedBytes = 0;
  sink: EndpointSink | null = null;
  /** Takes everything at once; otherwise `take` does. */
  takesAtOnce = true;

  attach(sink: EndpointSink): void {
    this.sink = sink;
  }

  setReading(wanted: boolean): void {
    this.calls.push(wanted ? 'read' : 'pause');
  }

  write(brigade: Brigade): void {
    this.calls.push(`write ${Buffer.from(brigade.flatten()).toString('latin1')}`);
    this.queuedBytes += brigade.length;
    brigade.destroy();
    if (this.takesAtOnce) this.take();
  }

  take(): void {
    this.bytesOut += this.queuedBytes;
    this.queuedBytes = 0;
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

function stage(): { inner: Scripted; stream: InnerStream; heard: string[] } {
  const inner = new Scripted();
  const heard: string[] = [];
  const stream = new InnerStream(inner, new Pool('inner stream'), {
    onInnerEnd: () => heard.push('end'),
    onInnerClose: (error: TransportError | null) => heard.push(`close ${error?.kind ?? ''}`),
    onInnerBroken: (cause: unknown) => heard.push(`broken ${String(cause)}`),
  });
  return { inner, stream, heard };
}

describe('InnerStream', () => {
  it('hands bytes on during the call, and passes a pause on at once', () => {
    const { inner, stream } = stage();
    const seen: string[] = [];
    stream.pause();
    stream.on('data', (bytes: Buffer) => {
      seen.push(bytes.toString('latin1'));
      stream.pause();
    });
    stream.resume();
    const lent = Buffer.from('..lent..');
    inner.sink?.onBytes(lent, 2, 6);
    lent.fill('x');
    expect(seen).toEqual(['lent']);
    expect(inner.calls).toEqual(['pause', 'read', 'pause']);
    expect(stream.readableLength).toBe(0);
  });

  it('tells the end, and knows it before those who listen later', async () => {
    const { inner, stream, heard } = stage();
    const seen: boolean[] = [];
    stream.on('end', () => seen.push(stream.ended));
    stream.on('data', () => {});
    inner.sink?.onEnd();
    expect([stream.finArrived, stream.ended, heard]).toEqual([true, false, ['end']]);
    await nextTurn();
    expect(seen).toEqual([true]);
  });

  it('answers a write when the inner endpoint has handed it over, and not when it failed', async () => {
    const { inner, stream, heard } = stage();
    const answers: string[] = [];
    stream.write('at once', () => answers.push('at once'));
    await nextTurn();
    expect(answers).toEqual(['at once']);
    inner.takesAtOnce = false;
    stream.write('later', () => answers.push('later'));
    inner.sink?.onProgress();
    await nextTurn();
    expect(answers).toEqual(['at once']);
    inner.take();
    inner.sink?.onProgress();
    await nextTurn();
    expect(answers).toEqual(['at once', 'later']);
    stream.write('never', () => answers.push('never'));
    inner.queuedBytes = 0; // dropped, as by a failure
    inner.sink?.onProgress();
    inner.sink?.onClose(null);
    await nextTurn();
    expect(answers).toEqual(['at once', 'later']);
    expect(heard).toEqual(['close ']);
  });

  it('writes several buffers as one', () => {
    const { inner, stream } = stage();
    stream.cork();
    stream.write('a');
    stream.write('b');
    stream.uncork();
    expect(inner.calls).toEqual(['write ab']);
  });

  it('shuts the inner endpoint down at its end, and leaves when all has left', async () => {
    const { inner, stream } = stage();
    inner.takesAtOnce = false;
    stream.finishAndLeave();
    expect(inner.calls).toEqual(['shutdown', 'close']);
    const other = stage();
    other.inner.takesAtOnce = false;
    other.stream.write('goodbye');
    other.stream.end();
    other.stream.leave();
    await nextTurn();
    expect(other.inner.calls).toEqual(['write goodbye']);
    other.inner.take();
    other.inner.sink?.onProgress();
    await nextTurn();
    expect(other.inner.calls).toEqual(['write goodbye', 'shutdown', 'close']);
  });

  it('tells its owner when a listener throws', () => {
    const { inner, stream, heard } = stage();
    stream.on('data', () => {
      throw new Error('an assertion');
    });
    inner.sink?.onBytes(Buffer.from('x'), 0, 1);
    expect(heard).toEqual(['broken Error: an assertion']);
  });
});
