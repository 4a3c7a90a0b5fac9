import { describe, expect, it } from 'vitest';
import { EchoHandler } from '../../src/demo/echo.ts';
import { SocketsInMemory } from '../in-memory/sockets.ts';

describe('EchoHandler', () => {
  it('sends every message back, as it is and in order, to its sender only', () => {
    const traffic = { messagesIn: 0, messagesOut: 0 };
    const sockets = new SocketsInMemory();
    sockets.serve(new EchoHandler(traffic));
    const client = sockets.connect();
    const other = sockets.connect();
    const long = 'x'.repeat(5000);
    client.sendFrame('');
    client.sendFrame('hello');
    client.sendFrame('\xff\x00', 2);
    client.sendFrame(long);
    sockets.pass(10);
    expect(client.frames()).toEqual([
      { opcode: 1, payload: '' },
      { opcode: 1, payload: 'hello' },
      { opcode: 2, payload: '\xff\x00' },
      { opcode: 1, payload: long },
    ]);
    expect(other.frames()).toEqual([]);
    expect(traffic).toEqual({ messagesIn: 4, messagesOut: 4 });
  });

  it('takes no further message from a peer that does not read its echoes', () => {
    const sockets = new SocketsInMemory({ outboundBytes: 4096, pipeBytes: 8192 });
    sockets.serve(new EchoHandler({ messagesIn: 0, messagesOut: 0 }));
    const client = sockets.connect();
    client.endpoint.setReading(false);
    const sent = Array.from({ length: 100 }, (_, i) => `${i}`.padEnd(1000, 'x'));
    for (const message of sent) client.sendFrame(message);
    sockets.pass(100);
    const [connection] = sockets.connections;
    expect(connection!.queuedBytes).toBeLessThanOrEqual(4096 + 1004);
    expect(client.endpoint.queuedBytes).toBeGreaterThan(50_000);
    client.endpoint.setReading(true);
    expect(client.messages(100)).toEqual(sent);
  });
});
