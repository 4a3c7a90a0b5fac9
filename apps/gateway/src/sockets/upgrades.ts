// WebSocket handshakes over HTTP requests: version, key, sub-protocol and compression are settled here, once for all
// kinds of sockets. The origin has been checked before, as for every request.

import { createHash } from 'node:crypto';
import type { HttpExchange, Session } from '@sluice/connection';
import { WebSocketEngine, serverHandshake, type DeflateFactory, type ServerHandshakeOptions } from '@sluice/websocket';
import type { GatewayConfig } from '../config/index.ts';
import { replyProblem } from '../http/reply.ts';

/** Makes the session of an accepted socket. */
export type MakeSocket = (engine: WebSocketEngine, subprotocol: string | null) => Session;

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

export class SocketUpgrades {
  readonly #config: GatewayConfig;
  readonly #deflate: DeflateFactory;
  readonly #handshake: ServerHandshakeOptions;

  constructor(config: GatewayConfig, deflate: DeflateFactory) {
    const { compression, subprotocols } = config;
    this.#config = config;
    this.#deflate = deflate;
    this.#handshake = {
      sha1,
      protocols: subprotocols,
      deflate: compression.enabled
        ? {
            serverNoContextTakeover: compression.serverNoContextTakeover,
            clientNoContextTakeover: compression.clientNoContextTakeover,
            serverMaxWindowBits: compression.serverMaxWindowBits,
            clientMaxWindowBits: compression.clientMaxWindowBits,
            minWindowBits: deflate.minWindowBits,
          }
        : null,
    };
  }

  /** Answers the handshake, and hands the connection to the session that `make` gives when it is good. */
  accept(exchange: HttpExchange, make: MakeSocket): void {
    const { head } = exchange;
    const answer = serverHandshake(
      {
        method: exchange.method,
        httpVersion: `1.${head.minorVersion}`,
        header: (name) => head.get(name) ?? undefined,
      },
      this.#handshake,
    );
    if (!answer.accepted) {
      const { status, reason, headers, code } = answer;
      replyProblem(exchange, { status, detail: `${reason}.`, headers: headers.flat(), more: { code } });
      return;
    }
    const { protocol, deflate } = answer;
    const { limits, compression } = this.#config;
    const headers = answer.headers.filter(([name]) => name !== 'Upgrade' && name !== 'Connection').flat();
    exchange.upgrade('websocket', headers, () => {
      const engine = new WebSocketEngine({
        role: 'server',
        pool: exchange.session.connection.pool,
        limits: { maxMessageBytes: limits.maxMessageBytes },
        deflate:
          deflate === null
            ? null
            : { factory: this.#deflate, parameters: deflate, level: compression.level, thresholdBytes: compression.minBytes },
      });
      return make(engine, protocol);
    });
  }
}
