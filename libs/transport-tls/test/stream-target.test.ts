import { Writable } from 'node:stream';
import { Pool } from '@sluice/brigade';
import { expect, it } from 'vitest';
import { Output } from '../src/output.ts';
import { StreamTarget } from '../src/stream-target.ts';

it('writes each piece from memory of its own, and passes the word that it has left', () => {
  const pieces: Buffer[] = [];
  const answers: ((error?: Error) => void)[] = [];
  const stream = new Writable({
    write(piece: Buffer, _encoding, answer) {
      pieces.push(piece);
      answers.push(answer);
    },
  });
  const output = new Output(new Pool('stream target'), { onOutput() {}, onDrained() {}, onSourceFailure() {} });
  const target = new StreamTarget(stream, output);
  expect(target.immediate).toBe(false);
  const first = target.room(3);
  first.set(Buffer.from('one'));
  expect(target.send()).toBe(false);
  expect(target.room(3)).not.toBe(first);
  expect(pieces.map(String)).toEqual(['one']);
  expect(target.sendBytes(Buffer.from('two'))).toBe(false);
});
