export { lineage, type ActorDirectory, type ActorFacts, type InspectedActor, type InspectedState } from './actor.ts';
export { chartHash } from './chart-hash.ts';
export { describeConnection, type ConnectionDescription } from './description.ts';
export { defaultQueueLimits, type QueueLimits } from './event-queue.ts';
export { FlightRecorder, type Ended, type FlightRecorderOptions, type Recorded } from './flight-recorder.ts';
export { NO_FLIGHT } from './flight-rows.ts';
export { formatVersion, lostEventType } from './inspection-events.ts';
export { Inspection, type InspectionOptions } from './inspection.ts';
export type { LiveActor, LiveActorOptions } from './live-actor.ts';
export {
  makeRecording,
  parseRecording,
  RecordingError,
  type ActorRecording,
  type Ending,
  type RecordedStep,
  type Recording,
} from './recording.ts';
export { replay, type Difference, type Replay } from './replay.ts';
export type { Selection } from './selection.ts';
export { stateFacts, type StateFacts } from './state-facts.ts';
export type { Watcher } from './watcher.ts';
export {
  allStates,
  describeAction,
  readDiagram,
  type DiagramAction,
  type DiagramState,
  type DiagramTransition,
  type MachineNode,
} from './diagram/diagram-model.ts';
export { layoutInput, type LayoutEdge, type LayoutNode } from './diagram/layout.ts';
export { mermaidDiagram } from './diagram/mermaid.ts';
export { scxmlDocument } from './diagram/scxml.ts';
export { svgDiagram, type SvgOptions } from './diagram/svg.ts';
export { deadlineTable, eventTable, guardTable, stateTable, transitionTable } from './diagram/tables.ts';
