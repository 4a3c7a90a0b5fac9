// TLS, with an operation that fails: handshakes that succeed, stall and are refused, a request, a WebSocket, an event stream, a command session
// of a peer who is known by its certificate, and every way to end: our close_notify first, the peer's first, FIN without one, a drain.
//
// Failures of the transport happen below TLS, at each of its records; exceptions happen above it, in what owns a secure endpoint.

import { TlsClientContexts } from '@sluice/transport-tls';
import { linesOf } from './fault-commands.ts';
import { textsOf } from './fault-limits.ts';
import { topic, type FaultStage, type Scenario } from './fault-stage.ts';
import { request } from './command-wire.ts';
import type { PeerCertificate } from './peer-certificates.ts';
import { clientFrame, handshakeFor, type RawPeer } from './raw-peer.ts';

export interface TlsScenarioOptions {
  readonly tls: Record<string, unknown>;
  readonly peer: PeerCertificate;
}

export function secureConnections({ tls, peer }: TlsScenarioOptions): Scenario {
  const contexts = new TlsClientContexts({ rejectUnauthorized: false, identity: peer });
  return {
    config: {
      tls,
      https: ['127.0.0.1:0'],
      command: ['127.0.0.1:0'],
      commandPeers: { thumbprints: [{ name: 'peer', thumbprint: peer.sha256 }] },
      limits: { exemptLoopback: false },
      timeouts: { handshakeTimeoutMs: 3000, pingIntervalMs: 0 },
    },
    isSecure: true,
    run: (stage) => run(stage, contexts),
  };
}

async function run(stage: FaultStage, contexts: TlsClientContexts): Promise<void> {
  const { gateway } = stage;
  const { https, command } = gateway.running.gateway;
  const connect = (): RawPeer => stage.connectSecurely(https[0]!, contexts);
  const http = connect();
  http.send(`POST /topics/${topic} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nover`);
  await stage.until(http, () => http.received.includes('offset'));
  http.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  await stage.until(http, () => http.isClosed);

  const socket = connect();
  socket.send(handshakeFor(`/topics/${topic}?since=${stage.world.beginning}`));
  await stage.until(socket, () => (textsOf(socket)?.length ?? 0) > 1);
  socket.send(clientFrame(0x81, 'secret'));
  await stage.until(socket, () => socket.received.includes('secret'));
  socket.send(clientFrame(0x88, Buffer.from([0x03, 0xe8])));
  await stage.until(socket, () => socket.isClosed);

  const commands = stage.connectSecurely(command[0]!, contexts);
  commands.send(request(`SUBSCRIBE ${topic}`, 1) + request('PING', 2));
  await stage.until(commands, () => linesOf(commands).length === 2);
  commands.endpoint.shutdown();
  await stage.until(commands, () => commands.isClosed);

  const stalls = stage.connectRaw(https[0]);
  const noise = stage.connectRaw(https[0]);
  noise.send('GET / HTTP/1.1\r\n\r\n');
  const truncated = connect();
  truncated.send('GET / HTTP/1.1\r\nHost: loc');
  await stage.settle(() => truncated.endpoint.secureSession !== null || truncated.isClosed, 5000);
  stage.points.peerFault(stage.portOf(truncated), 'end');
  await stage.until(stalls, () => stalls.isClosed, 8000);
  await stage.until(noise, () => noise.isClosed);

  const drained = connect();
  drained.send(`GET /topics/${topic} HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n`);
  await stage.until(drained, () => drained.received.includes('200 OK'));
  await stage.finish();
  const closes = [...gateway.running.gateway.registry.closes()].filter(([, count]) => count > 0);
  stage.seen.push(String(textsOf(socket)?.length), ...linesOf(commands), ...closes.map(([reason, count]) => `${count} ${reason}`));
}
