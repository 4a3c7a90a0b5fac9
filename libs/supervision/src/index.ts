export * from './connection-scope.ts';
export * from './drain.ts';
export * from './event-loop.ts';
export { maxRefusals, superviseIntake, type Intake, type IntakeOptions } from './intake.ts';
export * from './listener-actor.ts';
export * from './listener.ts';
export * from './registry.ts';
