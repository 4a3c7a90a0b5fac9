// Steps of the connector's chart, each computed once per process (../step-table.ts).

import type { SnapshotFrom } from 'xstate';
import { StepTable, type ChartStep, type SharedState } from '../step-table.ts';
import { connectorMachine, type ConnectorAction, type ConnectorEventType } from './connector-chart.ts';

export type ConnectorSnapshot = SnapshotFrom<typeof connectorMachine>;

/** The states by their names in the chart; `choosing` and `planning` are passed within one call. */
export type ConnectorPhase = ConnectorSnapshot['value'];

/** One state of the chart, shared by every connector that is in it. */
export interface ConnectorState extends SharedState<ConnectorSnapshot, ConnectorEventType, ConnectorStep> {
  readonly phase: ConnectorPhase;
}

export interface ConnectorStep extends ChartStep<ConnectorState, ConnectorAction> {}

export const connectorSteps = new StepTable<typeof connectorMachine, ConnectorEventType, ConnectorAction, ConnectorState>(
  connectorMachine,
  (shared) => ({ ...shared, phase: shared.snapshot.value }),
);
