// TLS of the whole gateway: one set of contexts for web clients, one for the command listener, from the same certificates. The command
// listener's asks for a certificate and lets any pass, for it has texts of its own for those that it does not like.

import { TlsContexts, type TlsServerOptions } from '@sluice/transport-tls';
import type { GatewayConfig } from '../config/index.ts';
import type { ServerCertificate, TlsMaterial } from './material.ts';

export class GatewayTls {
  readonly httpContexts: TlsContexts;
  readonly commandContexts: TlsContexts;
  certificates: readonly ServerCertificate[];

  constructor(config: GatewayConfig, material: TlsMaterial) {
    this.httpContexts = new TlsContexts(httpOptions(config, material));
    this.commandContexts = new TlsContexts(commandOptions(config, material));
    this.certificates = material.certificates;
  }

  /** For handshakes that begin from now on. Material has been found usable when it was read, so that both take it. */
  reload(config: GatewayConfig, material: TlsMaterial): void {
    this.httpContexts.reload(httpOptions(config, material));
    this.commandContexts.reload(commandOptions(config, material));
    this.certificates = material.certificates;
  }
}

/** A client that insists on HTTP/2 is told by TLS that there is none (no_application_protocol, RFC 7301 section 3.2). */
function httpOptions(config: GatewayConfig, material: TlsMaterial): TlsServerOptions {
  return { ...commonOptions(config, material), clientCertificate: config.tls.clientCertificate, alpn: ['http/1.1', 'http/1.0'] };
}

function commandOptions(config: GatewayConfig, material: TlsMaterial): TlsServerOptions {
  return { ...commonOptions(config, material), clientCertificate: 'request' };
}

function commonOptions({ tls }: GatewayConfig, { certificates, ca }: TlsMaterial): TlsServerOptions {
  return {
    certificates: certificates.map(({ certificate, key }) => ({ certificate, key })),
    minVersion: tls.minVersion,
    tickets: tls.tickets,
    ...(ca.length > 0 && { ca }),
    ...(tls.ciphers !== null && { ciphers: tls.ciphers }),
  };
}
