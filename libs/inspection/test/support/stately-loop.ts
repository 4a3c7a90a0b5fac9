// A process of its own: sends the events on its standard input, one a line, through `@statelyai/inspect`'s WebSocket client and
// server to its receiver, and prints what that gets. (Inside vitest the package's `ws` is resolved by vitest's conditions, and fails.)

import { createServer, type AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createWebSocketInspector, createWebSocketReceiver, type StatelyInspectionEvent } from '@statelyai/inspect';
import { createInspectorServer } from '@statelyai/inspect/server';

/** The package's server takes a port and does not say which one it got for 0. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, 'localhost', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => void server.close(resolve));
  return port;
}

const lines = (await text(process.stdin)).trimEnd().split('\n');
const port = await freePort();
createInspectorServer({ port, autoOpen: false });
let received = 0;
createWebSocketReceiver({ server: `ws://localhost:${port}` }).subscribe((event) => {
  console.log(JSON.stringify(event));
  // The receiver cannot be closed.
  if (++received === lines.length) process.exit();
});
const inspector = createWebSocketInspector({ url: `ws://localhost:${port}` });
for (const line of lines) inspector.adapter.send(JSON.parse(line) as StatelyInspectionEvent);
