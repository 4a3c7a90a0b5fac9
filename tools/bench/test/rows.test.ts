import { describe, expect, it } from 'vitest';
import { rows, selectRows } from '../src/rows.ts';

describe('rows', () => {
  it('have names of their own', () => {
    expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
  });

  it('have goals against peers that take part and rows that exist', () => {
    for (const { servers, goals } of rows) {
      for (const { against } of goals) {
        if (against === 'absolute') continue;
        if ('server' in against) expect(servers).toContain(against.server);
        else expect(rows.map(({ name }) => name)).toContain(against.row);
      }
    }
  });

  it('are all selected by default, else the named ones and those they compare to', () => {
    expect(selectRows([])).toEqual(rows);
    expect(selectRows(['idle', 'fanout-15000']).map(({ name }) => name)).toEqual(['fanout-1000', 'fanout-15000', 'idle']);
  });
});
