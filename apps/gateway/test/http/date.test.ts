import { expect, it } from 'vitest';
import { HttpDate } from '../../src/http/date.ts';

it('is the wall clock’s second as an HTTP date, made once', () => {
  let nowMs = Date.UTC(2024, 2, 5, 6, 7, 8, 999);
  const date = new HttpDate(() => nowMs);
  expect(date.now()).toBe('Tue, 05 Mar 2024 06:07:08 GMT');
  nowMs++;
  expect(date.now()).toBe('Tue, 05 Mar 2024 06:07:09 GMT');
  nowMs -= 60_000;
  expect(date.now()).toBe('Tue, 05 Mar 2024 06:06:09 GMT');
});
