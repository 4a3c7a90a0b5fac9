import { connectionMachine } from '@sluice/connection';
import { allStates, readDiagram, type MachineNode } from '@sluice/inspection';
import { describe, expect, it } from 'vitest';
import { messagesOf, sequenceOf } from '../../src/timeline/sequence.ts';

const established = (inbound: string, outbound: string) => ({ established: { inbound, outbound } });
const words = (...args: Parameters<typeof messagesOf>): string[] => messagesOf(...args).map(({ from, to, text, kind }) => `${kind}: ${from} ${to}: ${text}`);

describe('a step as messages', () => {
  it('a slow peer: the session is told', () => {
    expect(words('OUTBOUND.FULL', established('flowing', 'clear'), established('flowing', 'choked'))).toEqual(['cause: peer connection: takes too slowly', 'effect: connection gateway: write no more']);
  });

  it('a peer that has caught up: the session may go on', () => {
    expect(words('OUTBOUND.CLEAR', established('flowing', 'choked'), established('flowing', 'clear'))).toEqual(['cause: peer connection: has caught up', 'effect: connection gateway: write again']);
  });

  it('a drain while choked says nothing of writing again', () => {
    expect(words('DRAIN', established('flowing', 'choked'), { draining: 'finishing' })).toEqual(['cause: gateway connection: drain', 'effect: connection gateway: finish, say goodbye']);
  });

  it('an abort is a reset', () => {
    expect(words('ABORT', 'handshake', 'closed')).toEqual(['cause: gateway connection: abort', 'effect: connection peer: reset', 'effect: connection gateway: all is released']);
  });

  it('a deadline passes by itself', () => {
    expect(words('TIMEOUT.idle', established('flowing', 'clear'), { draining: 'finishing' })[0]).toBe('cause: connection connection: deadline idle passed');
  });

  it('says so where steps are missing, and does not guess at effects', () => {
    expect(words(null, null, established('flowing', 'choked'))).toEqual(['cause: connection connection: steps that were not seen']);
  });
});

it('every event of the chart has words of its own', () => {
  const events = new Set(allStates(readDiagram(connectionMachine.root as unknown as MachineNode)).flatMap(({ transitions }) => transitions.map(({ event }) => event)));
  for (const event of events) expect(messagesOf(event, 'handshake', 'handshake')[0]?.text).not.toBe(event);
});

it('a timeline is all of its steps, with the place each leads to', () => {
  const rows = sequenceOf({
    chart: 'connection',
    start: 'handshake',
    before: 0,
    steps: [
      { atMs: 5, event: 'HANDSHAKE.DONE', state: established('flowing', 'clear') },
      { atMs: 9, event: 'INBOUND.FULL', state: established('quenched', 'clear') },
    ],
  });
  expect(rows.map(({ position, atMs, text }) => [position, atMs, text])).toEqual([
    [1, 5, 'greeting complete'],
    [1, 5, 'session begins'],
    [2, 9, 'holds all it may'],
    [2, 9, 'reading stops'],
  ]);
});
