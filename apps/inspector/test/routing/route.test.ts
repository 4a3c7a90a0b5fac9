import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatRoute, home, parseRoute, type Route } from '../../src/routing/route.ts';

describe('routes', () => {
  it.each<[string, Route]>([
    ['', home],
    ['#/connections', home],
    ['#/connections?sort=queued&order=desc', { view: 'connections', query: 'sort=queued&order=desc' }],
    ['#/connections/42', { view: 'connection', id: 42 }],
    ['#/closed/7', { view: 'closedConnection', id: 7 }],
    ['#/supervision', { view: 'supervision', node: null }],
    ['#/supervision/listener%3Ahttp', { view: 'supervision', node: 'listener:http' }],
    ['#/supervision/%E0', { view: 'supervision', node: null }],
    ['#/connections/0x10', { view: 'connections', query: '' }],
    ['#/nonsense/42', home],
  ])('%s', (hash, route) => expect(parseRoute(hash)).toEqual(route));

  it('come back from the address they are written to', () => {
    const route: fc.Arbitrary<Route> = fc.oneof(
      fc.record({ view: fc.constantFrom('connection' as const, 'closedConnection' as const), id: fc.integer({ min: 1, max: 1e14 }) }),
      fc.record({ view: fc.constant('supervision' as const), node: fc.option(fc.string({ minLength: 1 }), { nil: null }) }),
    );
    fc.assert(
      fc.property(route, (each) => {
        expect(parseRoute(formatRoute(each))).toEqual(each);
      }),
    );
  });
});
