import { describe, expect, it } from 'vitest';
import { CommandEvent } from '../src/index.ts';
import { asking, bytesOf, server } from './wire.ts';

describe('Heads', () => {
  it('of requests have words and headers', () => {
    const engine = server();
    engine.receive(bytesOf('  ECHO   a  b: \r\nX:  1  2  \r\nSequence:s\r\nx: 3\r\nEmpty:\r\n\r\n'));
    expect(engine.next()).toBe(CommandEvent.Request);
    const { request } = engine;
    expect([request.command, request.args, request.sequence]).toEqual(['ECHO', ['a', 'b:'], 's']);
    expect([...request.headers()]).toEqual([['X', '1  2'], ['Sequence', 's'], ['x', '3'], ['Empty', '']]);
    expect(['x', 'X', 'empty', 'a', 'b', ''].map((name) => request.header(name))).toEqual(['1  2', '1  2', '', null, null, null]);
  });

  it('of a command alone have no arguments', () => {
    const engine = server();
    engine.receive(bytesOf('PING  \r\nSequence: s\r\n\r\n'));
    engine.next();
    expect([engine.request.command, engine.request.args]).toEqual(['PING', []]);
  });

  it('do not look into the body', () => {
    const engine = server();
    engine.receive(bytesOf('P\r\nSequence: s\r\nSize: 8\r\n\r\nX: 1\r\n\r\n'));
    engine.next();
    expect([engine.request.header('X'), [...engine.request.headers()].length]).toEqual([null, 2]);
  });

  it('of replies and publications', () => {
    const engine = asking(2);
    engine.receive(bytesOf('OK\r\nERR:  a  b \r\nSequence: 2\r\nSize: 0\r\nRetry: 5\r\n\r\nMSG t.u \r\nSize: 0\r\nOffset: 0012\r\nEpoch: e1\r\n\r\n'));
    expect([engine.next(), engine.next()]).toEqual([CommandEvent.Greeting, CommandEvent.Reply]);
    expect([engine.reply.ok, engine.reply.text, engine.reply.sequence, engine.reply.header('retry')]).toEqual([false, 'a  b', '2', '5']);
    expect(engine.next()).toBe(CommandEvent.Publication);
    expect([engine.publication.topic, engine.publication.offset, engine.publication.epoch]).toEqual(['t.u', 12, 'e1']);
  });

  it('of gaps and goodbyes', () => {
    const engine = asking();
    engine.receive(bytesOf('OK\r\nGAP  a.* \r\nReason: dropped\r\n\r\nBYE:  until  then \r\nRetry-After-Ms: 5\r\nSize: 0\r\n\r\n'));
    expect([engine.next(), engine.next()]).toEqual([CommandEvent.Greeting, CommandEvent.Gap]);
    expect([engine.gap.topic, engine.gap.header('reason')]).toEqual(['a.*', 'dropped']);
    expect(engine.next()).toBe(CommandEvent.Goodbye);
    expect([engine.goodbye.text, engine.goodbye.header('retry-after-ms')]).toEqual(['until  then', '5']);
  });

  it('are those of its own role', () => {
    expect(() => asking().request).toThrow(/client/);
    for (const head of ['reply', 'publication', 'gap', 'goodbye'] as const) expect(() => server()[head]).toThrow(/server/);
  });
});
