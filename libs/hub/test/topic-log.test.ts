import { Pool, shareBytes } from '@sluice/brigade';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Generation } from '../src/generation.ts';
import { defaultHistoryLimits } from '../src/policy.ts';
import { EncodingTable, HeldPublication } from '../src/publication.ts';
import { TopicLog } from '../src/topic-log.ts';
import { TopicPlace } from '../src/topic-memory.ts';

it('is a queue with offsets, through any pushes and shifts', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { maxLength: 80, size: 'max' }), (acts) => {
      const pool = new Pool();
      const table = new EncodingTable(pool);
      const log = new TopicLog(new TopicPlace('t', new Generation(Math.random, 0)), ['t'], { history: defaultHistoryLimits, slow: 'disconnect' });
      const plain: HeldPublication[] = [];
      let sequence = 0;
      for (const act of acts) {
        if (act > 0) {
          sequence += act;
          const made = new HeldPublication(log, null, log.nextOffset, sequence, sequence, 'text', shareBytes(pool, new Uint8Array(act)), table);
          log.push(made);
          plain.push(made);
        } else if (plain.length > 0) {
          const shifted = log.shift();
          expect(shifted).toBe(plain.shift());
          expect(log.discardedSequence).toBe(shifted.sequence);
          shifted.letGo();
        }
        expect(log.count).toBe(plain.length);
        expect(log.firstOffset).toBe(log.nextOffset - plain.length);
        expect(log.bytes).toBe(plain.reduce((sum, each) => sum + each.cost, 0));
        expect(log.oldest()).toBe(plain[0]);
        expect(plain.map((each) => log.at(each.offset))).toEqual(plain);
        for (let wanted = 0; wanted <= sequence + 1; wanted += 3) {
          expect(log.offsetFrom(wanted)).toBe(plain.find((each) => each.sequence >= wanted)?.offset ?? log.nextOffset);
        }
      }
      expect(() => log.at(log.nextOffset)).toThrow(RangeError);
      expect(pool.outstanding().bytes).toBe(plain.reduce((sum, each) => sum + each.payload.length, 0));
    }),
  );
});
