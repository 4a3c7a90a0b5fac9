import { expect, it } from 'vitest';
import { drawnArrows, mark, type Markable } from '../../src/chart/highlight.ts';

class Fake implements Markable {
  readonly classes = new Set<string>();
  readonly dataset: Readonly<Record<string, string>>;
  readonly classList = {
    toggle: (name: string, on: boolean): void => {
      if (on) this.classes.add(name);
      else this.classes.delete(name);
    },
  };

  constructor(dataset: Readonly<Record<string, string>>) {
    this.dataset = dataset;
  }
}

it('lights up what is active, and the way there; and puts out what was', () => {
  const [one, two] = [new Fake({ id: 'm.one' }), new Fake({ id: 'm.two' })];
  const go = new Fake({ source: 'm.one', target: 'm.two', events: 'GO TIMEOUT.go' });
  const back = new Fake({ source: 'm.two', target: 'm.one', events: 'BACK' });
  const arrows = drawnArrows([go, back]);
  const taken = mark([one, two], arrows, 'm', { active: ['m.two'], before: ['m.one'], event: 'GO', hinted: 'BACK' });
  expect(taken.map(({ element }) => element)).toEqual([go]);
  expect([one, two, go, back].map(({ classes }) => [...classes])).toEqual([[], ['active'], ['taken'], ['hinted']]);
  mark([one, two], arrows, 'm', { active: ['m.one'], before: ['m.two'], event: 'BACK', hinted: null });
  expect([one, two, go, back].map(({ classes }) => [...classes])).toEqual([['active'], [], [], ['taken']]);
});
