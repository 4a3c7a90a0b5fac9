// WebSocket handshakes over HTTP requests: version, key, sub-protocol and compression are settled here, once for all
// kinds of sockets. The origin has been checked before, as for every request.

import { createHash } from 'node:crypto';
import { WebSocketSession, type HttpExchange, type Liveness, type WebSocketHandler } from '@sluice/connection';
import { WebSocketEngine, serverHandshake, type DeflateFactory, type HandshakeAccepted, type ServerHandshakeOptions } from '@sluice/websocket';
import { clientHostOf } from '../client-address/request-client.ts';
import type { GatewayConfig } from '../config/index.ts';
import type { Problem } from '../http/problem.ts';
import { replyProblem } from '../http/reply.ts';
import { splitProtocols } from '../http/subprotocol-token.ts';
import { keepRequestFacts } from '../inspection/connection-facts.ts';
import type { PeerRates } from '../limits/peer-rates.ts';
import { RatedHandler } from '../limits/rated-handler.ts';
import { lostUpgrade } from './lost-upgrade.ts';

/**
 * Makes what an accepted socket is to the gateway. The request is forgotten behind it, fields, target and all: whatever the socket wants of
 * it later (`exchange.head.get('user-agent')`, `exchange.target`) is copied here.
 */
export type MakeSocket = (subprotocol: string | null, exchange: HttpExchange) => WebSocketHandler;

function sha1(bytes: Uint8Array): Uint8Array {
  return createHash('sha1').update(bytes).digest();
}

/** A browser ends a connection of which it offered sub-protocols and none was selected. */
const tokenAlone: Problem = {
  status: 400,
  detail: 'A token was offered as the only sub-protocol. Offer one beside it that can be selected: sluice.v1, or sluice.raw.v1 for plain messages.',
  more: { code: 'protocolMissing' },
};

export class SocketUpgrades {
  readonly #config: GatewayConfig;
  readonly #deflate: DeflateFactory;
  readonly #rates: PeerRates;
  readonly #liveness: Liveness;
  readonly #handshake: ServerHandshakeOptions;

  constructor(config: GatewayConfig, deflate: DeflateFactory, rates: PeerRates, liveness: Liveness) {
    const { compression, subprotocols } = config;
    this.#rates = rates;
    this.#liveness = liveness;
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

  /** Answers the handshake, and when it is good makes the connection a WebSocket with the handler that `make` gives. */
  accept(exchange: HttpExchange, make: MakeSocket): void {
    const { head } = exchange;
    const lost = lostUpgrade(exchange);
    if (lost !== null) {
      replyProblem(exchange, lost);
      return;
    }
    const offered = head.get('sec-websocket-protocol');
    const protocols = offered === null ? null : splitProtocols(offered).others;
    if (offered !== '' && protocols === '') {
      replyProblem(exchange, tokenAlone);
      return;
    }
    const answer = this.#negotiate(exchange, protocols);
    if (!answer.accepted) {
      const { status, reason, headers, code } = answer;
      // The same path answers OPTIONS (RFC 9110 section 9.3.7).
      const fields = status === 405 ? ['Allow', 'GET, OPTIONS'] : headers.flat();
      replyProblem(exchange, { status, detail: `${reason}.`, headers: fields, more: { code } });
      return;
    }
    this.#upgrade(exchange, answer, make);
  }

  /**
   * Accepts a handshake only for its socket to say why it is refused, which `make`'s handler does. False where the handshake itself
   * does not hold: nothing was answered then.
   */
  acceptToRefuse(exchange: HttpExchange, make: MakeSocket): boolean {
    const offered = exchange.head.get('sec-websocket-protocol');
    const answer = this.#negotiate(exchange, offered === null ? null : splitProtocols(offered).others);
    if (answer.accepted) this.#upgrade(exchange, answer, make);
    return answer.accepted;
  }

  /** `protocols` stand for the field that names them, without what is a token. */
  #negotiate({ head, method }: HttpExchange, protocols: string | null): ReturnType<typeof serverHandshake> {
    return serverHandshake(
      {
        method,
        httpVersion: `1.${head.minorVersion}`,
        header: (name) => (name === 'sec-websocket-protocol' ? protocols : head.get(name)) ?? undefined,
      },
      this.#handshake,
    );
  }

  #upgrade(exchange: HttpExchange, answer: HandshakeAccepted, make: MakeSocket): void {
    const { protocol, deflate } = answer;
    const { limits, compression } = this.#config;
    const headers = answer.headers.filter(([name]) => name !== 'Upgrade' && name !== 'Connection').flat();
    exchange.upgrade('websocket', headers, () => {
      const { connection } = exchange.session;
      const engine = new WebSocketEngine({
        role: 'server',
        pool: connection.pool,
        limits: { maxMessageBytes: limits.maxMessageBytes, maxFragments: limits.maxFragments },
        deflate:
          deflate === null
            ? null
            : { factory: this.#deflate, parameters: deflate, level: compression.level, thresholdBytes: compression.minBytes },
      });
      keepRequestFacts(exchange);
      const handler = make(protocol, exchange);
      const client = clientHostOf(exchange);
      const isRated = this.#rates.limitsMessagesOf(client);
      return new WebSocketSession(engine, isRated ? new RatedHandler(handler, this.#rates, client) : handler, this.#liveness);
    });
  }
}
