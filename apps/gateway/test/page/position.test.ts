import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pageModule } from './modules.ts';

const { Position } = await pageModule('position');

describe('a position', () => {
  it('has nothing to resume from before the first message', () => {
    expect(new Position().since).toBeNull();
  });

  it('counts up, and knows what was shown before', () => {
    const position = new Position();
    expect(position.accept('e', 5).kind).toBe('next');
    expect(position.accept('e', 6).kind).toBe('next');
    expect(position.accept('e', 6).kind).toBe('duplicate');
    expect(position.accept('e', 2).kind).toBe('duplicate');
    expect(position.since).toBe('e:6');
  });

  it('tells a hole once', () => {
    const position = new Position();
    position.accept('e', 1);
    expect(position.accept('e', 4)).toEqual({ kind: 'gap', missing: 2 });
    position.gapTold(4);
    expect(position.accept('e', 9).kind).toBe('next');
    expect(position.accept('e', 11)).toEqual({ kind: 'gap', missing: 1 });
  });

  it('tells what is missing beyond what the server knew of', () => {
    const position = new Position();
    position.accept('e', 1);
    position.gapTold(2);
    expect(position.accept('e', 7)).toEqual({ kind: 'gap', missing: 3 });
    position.gapTold(-1);
    expect(position.accept('e', 50).kind).toBe('next');
  });

  it('tells that the topic began anew, unless the server has', () => {
    const position = new Position();
    position.accept('e', 1);
    expect(position.accept('f', 1).kind).toBe('restarted');
    position.gapTold(-1);
    expect(position.accept('g', 1).kind).toBe('next');
  });

  it('takes the server’s word only when nothing else has said where it is', () => {
    const position = new Position();
    position.adopt(null, 3);
    position.adopt('', 0);
    expect(position.since).toBeNull();
    position.adopt('e', 3);
    position.adopt('h', 4);
    expect(position.since).toBe('e:3');
    expect(position.accept('f', 1).kind).toBe('next');
    position.adopt('g', 9);
    expect(position.since).toBe('f:1');
  });

  it('shows every message once and in order, however often the stream is cut and replayed', () => {
    // Each piece replays from somewhere at or before what was shown, as at-least-once delivery may.
    const cuts = fc.array(fc.tuple(fc.nat({ max: 10 }), fc.nat({ max: 10 })), { maxLength: 30 });
    fc.assert(
      fc.property(cuts, (pieces) => {
        const position = new Position();
        const shown: number[] = [];
        for (const [back, count] of pieces) {
          const from = Math.max(1, shown.length + 1 - back);
          for (let offset = from; offset < from + count; offset++) {
            const { kind } = position.accept('e', offset);
            expect(['next', 'duplicate']).toContain(kind);
            if (kind === 'next') shown.push(offset);
          }
        }
        expect(shown).toEqual(shown.map((_, index) => index + 1));
      }),
    );
  });

  it.each([
    ['e:5', { epoch: 'e', offset: 5 }],
    ['a:b:12', { epoch: 'a:b', offset: 12 }],
    ['', null],
    ['5', null],
    [':5', null],
    ['e:x', null],
  ])('reads an event id %j', (id, expected) => {
    expect(Position.parse(id)).toEqual(expected);
  });
});
