import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHttpDate, parseHttpDate } from '../../src/http/http-date.ts';

const now = Date.UTC(2026, 10, 30) / 1000;
const seconds = Date.UTC(2024, 2, 5, 6, 7, 8) / 1000;
const date = 'Tue, 05 Mar 2024 06:07:08 GMT';

describe('RFC 9110 §5.6.7', () => {
  it('all three forms are read', () => {
    for (const text of [date, 'Tuesday, 05-Mar-24 06:07:08 GMT', 'Tue Mar  5 06:07:08 2024']) expect(parseHttpDate(text, now)).toBe(seconds);
  });

  it('the first is written', () => {
    expect(formatHttpDate(seconds)).toBe(date);
  });

  it.each([
    '',
    '0',
    'yesterday',
    '2026-11-30',
    '2024-03-05T06:07:08Z',
    'Tue, 99 Foo 2024',
    'Tue, 05 Mar 2024',
    'Tue, 05 Mar 2024 06:07:08',
    'Tue, 05 Mar 2024 06:07:08 UTC',
    'Tue, 05 Mar 2024 06:07:08 +0000',
    'tue, 05 mar 2024 06:07:08 gmt',
    'Tue, 5 Mar 2024 06:07:08 GMT',
    'Tue, 05 Mar -024 06:07:08 GMT',
    'Tue, 05 Mar -2024 06:07:08 GMT',
    'Tue, 05 Mar 12024 06:07:08 GMT',
    'Tue,  05 Mar 2024 06:07:08 GMT',
    'Fri, 30 Feb 2024 06:07:08 GMT',
    'Tue, 05 Mar 2024 24:00:00 GMT',
    'Tue, 05 Mar 2024 06:60:00 GMT',
    'Tue, 05 Mar 2024 06:07:61 GMT',
    'Tue, 05-Mar-24 06:07:08 GMT',
    'Tuesday, 05 Mar 2024 06:07:08 GMT',
    'Tue Mar 05 06:07:08 2024 GMT',
    'Tue Mar 5 06:07:08 2024',
    ` ${date}`,
    `${date} `,
  ])('%j is none', (text) => {
    expect(parseHttpDate(text, now)).toBeNull();
  });

  it('a leap second is the one after it', () => {
    expect(parseHttpDate('Sat, 31 Dec 2016 23:59:60 GMT', now)).toBe(Date.UTC(2017, 0, 1) / 1000);
  });

  it.each([
    ['76', 2076],
    ['77', 1977],
    ['94', 1994],
    ['26', 2026],
    ['00', 2000],
  ])('the year %s is %i in 2026: not more than 50 years ahead', (year, full) => {
    expect(parseHttpDate(`Sunday, 06-Nov-${year} 08:49:37 GMT`, now)).toBe(Date.UTC(full, 10, 6, 8, 49, 37) / 1000);
  });

  it('what is written is read again, and every whole second of four digits of year has its own text', () => {
    const any = fc.integer({ min: Date.parse('0000-01-01T00:00:00Z') / 1000, max: Date.UTC(9999, 11, 31) / 1000 });
    fc.assert(fc.property(any, (value) => parseHttpDate(formatHttpDate(value), now) === value));
  });

  it('one character changed is another date or none, never the same', () => {
    const change = fc.tuple(fc.nat(date.length - 1), fc.constantFrom(...'0123456789 ,:-+.AGMTabcz'));
    fc.assert(
      fc.property(change, ([at, character]) => {
        const text = date.slice(0, at) + character + date.slice(at + 1);
        // The day of the week says nothing.
        return text === date || at < 3 || parseHttpDate(text, now) !== seconds;
      }),
    );
  });
});
