// The README's first example, run: an engine in somebody else's event loop, with no connection, no socket and no clock.

import { readFileSync } from 'node:fs';
import { Pool } from '@sluice/brigade';
import { WebSocketEngine, WebSocketEvent } from '@sluice/websocket';
import { expect, it } from 'vitest';

/** A WebSocket echo that its owner drives by hand. Both windows are bounded. */
class DrivenEcho {
  readonly pool = new Pool('driven echo');
  readonly engine = new WebSocketEngine({ role: 'server', pool: this.pool });
  readonly #mostUnsent = 4096;
  #readClosed = false;

  /** How many bytes may come in now; 0 while the peer is slow, and once reading is closed. */
  readWindow(): number {
    return this.#readClosed || this.writeWindow() >= this.#mostUnsent ? 0 : 1024;
  }

  bytesIn(bytes: Uint8Array): void {
    this.engine.receive(bytes, 0, bytes.length);
    this.#handle();
  }

  /** The peer's half is over; ours may still have something to say. */
  readClosed(): void {
    this.#readClosed = true;
    this.engine.receiveEnd();
    this.#handle();
  }

  /** How many bytes want to go out. */
  writeWindow(): number {
    return this.engine.controlOutput.length + this.engine.output.length;
  }

  /** Gives up to `into.length` bytes; answers how many. What was begun goes on first. */
  bytesOut(into: Uint8Array): number {
    const { output, controlOutput } = this.engine;
    output.concat(controlOutput);
    const bytes = output.gather(into, 0, into.length);
    output.consume(bytes);
    return bytes;
  }

  /** Over: nothing to read, nothing to write. */
  get finished(): boolean {
    return this.engine.closeState === 'closed' && this.writeWindow() === 0;
  }

  #handle(): void {
    for (;;) {
      const event = this.engine.next();
      if (event === WebSocketEvent.Message) {
        this.engine.sendMessage(this.engine.opcode, this.engine.data, this.engine.dataStart, this.engine.dataEnd);
      } else if (event === WebSocketEvent.NeedData || event === WebSocketEvent.Closed || event === WebSocketEvent.Failed) {
        return;
      }
    }
  }
}

it('runs', () => {
  const echo = new DrivenEcho();
  const wire = Buffer.from([0x81, 0x85, 0, 0, 0, 0, ...Buffer.from('hello'), 0x88, 0x82, 0, 0, 0, 0, 3, 232]);
  // Byte by byte in, three by three out: the events are the same.
  for (const byte of wire) if (echo.readWindow() > 0) echo.bytesIn(Uint8Array.of(byte));
  echo.readClosed();
  expect(echo.readWindow()).toBe(0);
  const sent: number[] = [];
  const three = new Uint8Array(3);
  while (echo.writeWindow() > 0) sent.push(...three.subarray(0, echo.bytesOut(three)));
  expect(Buffer.from(sent).toString('latin1')).toBe('\x81\x05hello\x88\x02\x03\xe8');
  expect(echo.finished).toBe(true);
  expect(echo.pool.outstanding().bytes).toBe(0);
});

it('is what the README shows', () => {
  const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
  const shown = /```ts\n(class DrivenEcho[\s\S]*?)```/.exec(read('../README.md'))![1]!;
  expect(read('./example-engine.test.ts')).toContain(shown);
});
