import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DeadlineTable, NO_DEADLINE } from '../src/deadline-table.ts';

const owner = () => ({ firstDeadline: NO_DEADLINE, onTimeout: () => {} });

describe('the deadline table', () => {
  it('finds what was added and reuses rows, whatever the order of removal', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(4), fc.nat(9)), { maxLength: 200 }), (toggles) => {
        const table = new DeadlineTable();
        const owners = Array.from({ length: 5 }, owner);
        const armed = new Set<string>();
        let most = 0;
        toggles.forEach(([index, code], at) => {
          const row = table.find(owners[index], code);
          expect(row !== NO_DEADLINE).toBe(armed.has(`${index} ${code}`));
          if (row === NO_DEADLINE) {
            const added = table.add(owners[index], code, at);
            expect(table.at[added]).toBe(at);
            expect(table.owners[added]).toBe(owners[index]);
            armed.add(`${index} ${code}`);
          } else {
            table.remove(row);
            armed.delete(`${index} ${code}`);
          }
          most = Math.max(most, armed.size);
          expect(table.size).toBe(armed.size);
        });
        expect(table.owners).toHaveLength(most);
      }),
    );
  });

  it('grows past its first size and keeps what it holds', () => {
    const table = new DeadlineTable();
    const owners = Array.from({ length: 1000 }, owner);
    owners.forEach((each, index) => table.add(each, 3, index));
    owners.forEach((each, index) => expect(table.at[table.find(each, 3)]).toBe(index));
  });
});
