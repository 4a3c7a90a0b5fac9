// What an endpoint that encrypts knows of its peer. The contract has these facts so that whoever owns an endpoint can judge a peer
// without knowing which layer, or which TLS, made it secure.

/** A certificate as its judge needs it. */
export interface PeerCertificate {
  /** Distinguished name, most significant part first: `C=DE, O=Sluice, CN=client`. */
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly validFromMs: number;
  readonly validToMs: number;
  /** Thumbprint in upper-case hexadecimal digits without separators: 40 of them. */
  readonly sha1: string;
  /** The same: 64 of them. */
  readonly sha256: string;
  /** TLS would have let it pass: it leads to a trusted root, is valid now, and (for a server's) carries the name asked for. */
  readonly authorized: boolean;
  /** Why not: OpenSSL's name for it (`CERT_HAS_EXPIRED`). `null` when authorized. */
  readonly reason: string | null;
}

/** What a handshake agreed on. */
export interface SecureSession {
  /** `TLSv1.3`, `TLSv1.2`. */
  readonly protocol: string;
  /** OpenSSL's name for the cipher suite. */
  readonly cipher: string;
  /** The protocol chosen by ALPN (RFC 7301). */
  readonly alpn: string | null;
  /** The server's name as the client gave it (SNI, RFC 6066 section 3). Not told to the server of a resumed TLS 1.2 session. */
  readonly serverName: string | null;
  /** The session continues an earlier one: certificate and verdict are from then. */
  readonly resumed: boolean;
  /** The peer's, if it has one: a server's always, a client's when it was asked for and sent. */
  readonly peerCertificate: PeerCertificate | null;
}
