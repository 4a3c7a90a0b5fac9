import { expect, it } from 'vitest';
import { problemDocument } from '../../src/http/problem.ts';

it('has the members of RFC 9457, those of its own, and a line end', () => {
  const text = problemDocument({ status: 404, detail: 'Nothing is here.', headers: ['Allow', 'GET'], more: { code: 'gone' } });
  expect(text.endsWith('}\n')).toBe(true);
  expect(JSON.parse(text)).toEqual({ type: 'about:blank', title: 'Not Found', status: 404, detail: 'Nothing is here.', code: 'gone' });
});

it('has a title for a status without a name', () => {
  expect(JSON.parse(problemDocument({ status: 499, detail: 'x' }))).toMatchObject({ title: 'Error' });
});
