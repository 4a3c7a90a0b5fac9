export type { Clock } from './clock.ts';
export { deadlineNames, type DeadlineName } from './deadline-names.ts';
export { NO_DEADLINE, type DeadlineOwner } from './deadline-table.ts';
export { TimingWheel, type TimingWheelOptions, type WheelWatcher } from './timing-wheel.ts';
export { WheelDriver, type HostTimers } from './wheel-driver.ts';
export { Throttle } from './throttle.ts';
export { TokenBucket } from './token-bucket.ts';
export { VirtualClock, type VirtualTimer } from './virtual-clock.ts';
