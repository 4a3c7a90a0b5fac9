import { describe, expect, it } from 'vitest';
import { connectorSteps, type ConnectorEventType } from '../../src/index.ts';

function walk(...types: ConnectorEventType[]) {
  return types.reduce((step, type) => connectorSteps.stepFrom(step.target, type), connectorSteps.initialStep());
}

describe("steps of the connector's chart", () => {
  it('are shared by all connectors', () => {
    expect(walk('START')).toBe(walk('START'));
    expect(walk('START', 'RESOLVE.FAILED', 'RETRY', 'RETRY.NOW').target).toBe(walk('START').target);
  });

  it('name the state they lead to, and give its actions with their parameters', () => {
    expect(walk('START').target).toMatchObject({ phase: 'resolving', label: 'resolving' });
    expect(walk('START').actions).toEqual([{ type: 'arm', params: { timer: 'dnsResolve' } }, { type: 'resolve', params: undefined }]);
  });

  it('say that an event means nothing in a state', () => {
    expect(walk('LOST')).toMatchObject({ taken: false, actions: [], target: { phase: 'idle' } });
  });
});
