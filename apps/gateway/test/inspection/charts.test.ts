import { connectionMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { chartDiagram, chartEvents, chartIds, chartTitle, isChartId, machines } from '../../src/inspection/charts.ts';

describe('the charts', () => {
  it('are the machines that run, by the names that recordings have for them', () => {
    expect(machines).toContain(connectionMachine);
    expect(machines.map(({ id }) => id)).toEqual(chartIds);
    expect(['connection', 'listener', 'connector', 'toString', 'other'].map(isChartId)).toEqual([true, true, true, false, false]);
    expect(chartIds.map(chartTitle)).toEqual(['Connection', 'Listener', 'Outbound connector']);
  });

  it('know all their events, each once', () => {
    const events = chartEvents(chartDiagram('connection'));
    expect(new Set(events).size).toBe(events.length);
    expect(new Set(events)).toEqual(new Set(connectionMachine.events));
  });
});
