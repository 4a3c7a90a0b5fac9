// A thread that lays one graph out, and is ended by who started it: ELK is a megabyte of compiled Java that takes half a second of CPU, for which
// nobody else should wait.

import { parentPort, workerData } from 'node:worker_threads';
import elk from 'elkjs/lib/elk.bundled.js';

// The package is CommonJS with a default export of its own.
const ELK = elk as unknown as typeof elk.default;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(await new ELK().layout(workerData));
