// A process of its own: `@statelyai/inspect`'s own WebSocket receiver on an address of the gateway, printing each event it hands on as a line of JSON.
// (Inside vitest the package's `ws` is resolved by vitest's conditions, and fails.)

import { createWebSocketReceiver } from '@statelyai/inspect';

createWebSocketReceiver({ server: process.argv[2]! }).subscribe((event) => console.log(JSON.stringify(event)));
