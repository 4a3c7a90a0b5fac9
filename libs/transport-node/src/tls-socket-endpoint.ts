// An endpoint on a TLSSocket that something else made: an https server's, or a client's. It knows who its peer is, or will once the
// handshake is complete; the owner is told of it before the first byte either way.

import type { TLSSocket } from 'node:tls';
import type { EndpointSink, SecureSession } from '@sluice/transport';
import type { EndpointShare } from './endpoint-core.ts';
import { secureSessionOf } from './secure-session.ts';
import { SocketEndpoint } from './socket-endpoint.ts';

export class TlsSocketEndpoint extends SocketEndpoint {
  secureSession: SecureSession | null;
  private readonly socket: TLSSocket;

  constructor(share: EndpointShare, socket: TLSSocket, leftover: Uint8Array | null) {
    super(share, socket, leftover);
    this.socket = socket;
    this.secureSession = secureSessionOf(socket);
    // Node judges a peer's certificate in listeners of the same event that were there before this one.
    if (this.secureSession === null) socket.once('secure', () => this.hasSecured());
  }

  override attach(sink: EndpointSink): void {
    super.attach(sink);
    if (this.secureSession !== null) process.nextTick(() => this.tell());
  }

  private hasSecured(): void {
    this.secureSession = secureSessionOf(this.socket);
    this.tell();
  }

  private tell(): void {
    if (this.secureSession !== null && !this.closing) this.sink?.onSecure?.(this.secureSession);
  }
}
