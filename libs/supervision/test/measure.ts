// What a scope costs: `node --expose-gc --conditions=@sluice/source test/measure.ts` prints the figures of the README.

import * as Effect from 'effect/Effect';
import * as Exit from 'effect/Exit';
import * as Scope from 'effect/Scope';

const parent = Scope.makeUnsafe();
// The parent holds something already, as a listener's scope does.
Scope.forkUnsafe(parent);

function open(finalizers: number): Scope.Closeable {
  const scope = Scope.forkUnsafe(parent);
  for (let i = 0; i < finalizers; i++) Effect.runSync(Scope.addFinalizer(scope, Effect.sync(() => finalizers)));
  return scope;
}

function close(scope: Scope.Closeable): void {
  const rest = Scope.closeUnsafe(scope, Exit.void);
  if (rest !== undefined) Effect.runSync(rest);
}

function cpuMicroseconds(times: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < times; i++) close(open(1));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function heapBytes(finalizers: number, count = 50_000): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: count }, () => open(finalizers));
  globalThis.gc?.();
  const bytes = (process.memoryUsage().heapUsed - before) / count;
  kept.forEach(close);
  return bytes;
}

cpuMicroseconds(200_000);
console.log(`opened with a finalizer, and closed: ${cpuMicroseconds(1_000_000).toFixed(2)} µs`);
for (const finalizers of [1, 2]) console.log(`open with ${finalizers} finalizers: ${heapBytes(finalizers).toFixed(0)} bytes`);
