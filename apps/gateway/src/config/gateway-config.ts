// Every setting of the gateway, once: name, default, bounds and what it does. The configuration file's validation,
// SLUICE_… variables, flags, `--help`, the JSON Schema for editors and the documentation's table all come from here.
//
// A group is a struct, a leaf is a setting. Units are the end of a name: Bytes, Ms (milliseconds), PerSecond.

import * as Schema from 'effect/Schema';
import { addressMeant, portProblem } from './address-meant.ts';
import { addressPattern } from './addresses.ts';
import { networkPattern } from './networks.ts';
import { thumbprintPattern } from './thumbprint.ts';
import { choice, list, optionalText, records, text, toggle, wholeNumber, type TextForm } from './setting.ts';

const KiB = 1024;
const MiB = 1024 * KiB;
const GiB = 1024 * MiB;
const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

const address: TextForm = {
  placeholder: 'HOST:PORT',
  expected: 'HOST:PORT, like 127.0.0.1:8080 or [::1]:8080, or an inherited socket: fd:N or systemd',
  pattern: addressPattern,
  correction: { expected: 'HOST:PORT', of: addressMeant, problem: portProblem },
};
const addressOrOff: TextForm = {
  placeholder: 'HOST:PORT|off',
  expected: `${address.expected}, or off`,
  pattern: new RegExp(`^off$|${addressPattern.source}`, 'u'),
  correction: { expected: 'HOST:PORT, or off', of: addressMeant, problem: portProblem },
};
const path: TextForm = { placeholder: 'PATH', expected: 'a path', pattern: /^[^\0]+$/u, isPath: true };
const file: TextForm = { ...path, placeholder: 'FILE', expected: 'a file' };
const fileName: TextForm = {
  placeholder: 'NAME',
  expected: 'a file name without a slash',
  pattern: /^(?!\.{1,2}$)[^/\\\0]+$/u,
};
const bearerToken: TextForm = {
  placeholder: 'TOKEN',
  expected: 'a bearer token: letters, digits and -._~+/, then any number of =',
  pattern: /^[A-Za-z0-9._~+/-]+=*$/u,
};
const origin: TextForm = {
  placeholder: 'ORIGIN',
  expected: '* or an origin, like https://app.example.com, without a path',
  pattern: /^(?:\*|[a-z][a-z0-9+.-]*:\/\/(?:\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?)$/u,
};
const cookieName: TextForm = { placeholder: 'NAME', expected: 'the name of a cookie', pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u };
const subprotocol: TextForm = {
  placeholder: 'NAME',
  expected: 'an HTTP token',
  pattern: /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/u,
};
const topicPattern: TextForm = {
  placeholder: 'PATTERN',
  expected: 'a topic pattern, like news.* or news.>',
  pattern: /^(?:[^.*>\s]+\.|\*\.)*(?:[^.*>\s]+|\*|>)$/u,
};

const thumbprint: TextForm = {
  placeholder: 'HEX',
  expected: 'a SHA-1 or SHA-256 thumbprint: 40 or 64 hexadecimal digits, with colons between pairs or without',
  pattern: thumbprintPattern,
};
const peerName: TextForm = { placeholder: 'NAME', expected: 'a name without control characters', pattern: /^[^\p{Cc}]{1,200}$/u };

const network: TextForm = {
  placeholder: 'NETWORK',
  expected: 'an IP address or a CIDR block, like 10.0.0.0/8 or 2001:db8::/32',
  pattern: networkPattern,
};

const historyCount = { min: 0, max: 1_000_000 };
const historyBytes = { min: 0, max: GiB };
const historyAgeMs = { max: 365 * day, zero: 'any age' };
const slowPolicies = ['disconnect', 'dropOldest', 'conflate'] as const;

const limits = Schema.Struct({
  maxMessageBytes: wholeNumber('Largest message, published or received over WebSocket; a larger one is answered 1009.', {
    default: MiB,
    min: 1,
    max: GiB,
  }),
  maxFragments: wholeNumber('Most frames a WebSocket message may be cut into; one in more is answered 1009.', {
    default: 16_384,
    min: 1,
    max: 1_073_741_824,
  }),
  maxUriBytes: wholeNumber('Longest request target; a longer one is answered 414. RFC 9112 section 3 recommends to take 8000 bytes at least.', {
    default: 8192,
    min: 64,
    max: 64 * KiB,
  }),
  maxHeaderLineBytes: wholeNumber('Longest header line; a longer one is answered 431.', {
    default: 8192,
    min: 256,
    max: 256 * KiB,
  }),
  maxHeaders: wholeNumber('Most header lines of a request; more are answered 431.', { default: 100, min: 8, max: 2000 }),
  maxBodyBytes: wholeNumber('Largest request body; a larger one is answered 413.', { default: MiB, min: 0, max: GiB }),
  maxRequestsPerConnection: wholeNumber('Requests after which a kept-alive connection is closed.', {
    default: 0,
    max: 1_000_000_000,
    zero: 'no limit',
  }),
  maxConnections: wholeNumber('Open connections of all listeners; further ones are answered 503 and closed.', {
    default: 0,
    max: 10_000_000,
    zero: 'as many as the descriptor limit allows',
  }),
  maxSubscriptionsPerConnection: wholeNumber('Topic patterns that one connection may be subscribed to.', {
    default: 100,
    min: 1,
    max: 100_000,
  }),
  maxTagsPerConnection: wholeNumber('Tags that one connection may carry; more are answered 429.', { default: 16, min: 0, max: 1000 }),
  maxTopicBytes: wholeNumber("Longest topic or pattern, in UTF-8; a longer one is answered 414.", { default: 255, min: 1, max: 4096 }),
  maxTopicTokens: wholeNumber('Most tokens of a topic or pattern; more are answered 400.', { default: 16, min: 1, max: 256 }),
  peerMessagesPerSecond: wholeNumber(
    'Messages that all clients of one address may send: WebSocket messages, publications over HTTP, commands. Above it, HTTP is answered 429, ' +
      'a WebSocket closed with 4429, a command answered ERR. Of an IPv6 address the first 64 bits count.',
    { default: 1000, max: 10_000_000, zero: 'no limit' },
  ),
  maxPeerMessageBurst: wholeNumber('Messages of one address that may come at once.', { default: 2000, min: 1, max: 10_000_000 }),
  peerConnectionsPerSecond: wholeNumber('Connections that one address may open; further ones are answered 429 and closed.', {
    default: 100,
    max: 1_000_000,
    zero: 'no limit',
  }),
  maxPeerConnectionBurst: wholeNumber('Connections of one address that may come at once.', { default: 500, min: 1, max: 1_000_000 }),
  exemptLoopback: toggle("Hold this machine's own clients to no rate.", true),
  exemptPeers: list('Networks whose clients are held to no rate: a monitor, a load test. List a proxy in trustedProxies instead.', network, []),
  maxPeers: wholeNumber('Addresses whose rates are known at the same time; those beyond share one.', {
    default: 100_000,
    min: 1,
    max: 10_000_000,
  }),
}).annotate({ description: 'What a client may send at most.' });

const windows = Schema.Struct({
  outboundBytes: wholeNumber(
    'Bytes queued for a peer that reads slowly. When it is full, reading from that peer stops and the slow-subscriber policy applies.',
    { default: MiB, min: 16 * KiB, max: 64 * MiB },
  ),
  sharedWriteBytes: wholeNumber(
    'Output of one turn of the event loop up to this size is gathered into one write; larger output is written piece by piece.',
    { default: 64 * KiB, min: 4 * KiB, max: MiB },
  ),
}).annotate({ description: 'Memory that one connection may hold.' });

const rate = { default: 0, min: KiB, max: 10 * GiB, zero: 'no limit' };

const throttle = Schema.Struct({
  inBytesPerSecond: wholeNumber('Rate at which a connection is read. A peer that sends faster waits.', rate),
  outBytesPerSecond: wholeNumber('Rate at which a connection is sent what is due to it. What is above it is queued, and counts as unsent.', rate),
}).annotate({ description: 'What each connection may carry, in each direction, in the clear and over TLS alike. The admin address has no limit.' });

const timeouts = Schema.Struct({
  handshakeTimeoutMs: wholeNumber('Time a new connection has for its first complete request head.', {
    default: 10 * second,
    min: 10,
    max: hour,
  }),
  listenTimeoutMs: wholeNumber('Time without a new connection after which the log warns that nobody comes any more, once for each listener until somebody does.', {
    default: 0,
    max: 24 * day,
    zero: 'never',
  }),
  idleTimeoutMs: wholeNumber('Silence from a WebSocket peer, pongs included, after which it is taken for gone.', {
    default: 75 * second,
    max: day,
    zero: 'never',
  }),
  sustainTimeoutMs: wholeNumber('Age at which any connection is closed, however busy.', {
    default: 0,
    max: 24 * day,
    zero: 'never',
  }),
  closeTimeoutMs: wholeNumber('Time a closing connection has to flush, and its peer to answer the close.', {
    default: 10 * second,
    min: 10,
    max: hour,
  }),
  requestTimeoutMs: wholeNumber('Time a request has to arrive whole; a slower one is answered 408.', {
    default: 30 * second,
    min: 10,
    max: day,
  }),
  keepAliveTimeoutMs: wholeNumber('Time a connection may stay open between two requests.', {
    default: 60 * second,
    min: 10,
    max: day,
  }),
  pingIntervalMs: wholeNumber('Interval of WebSocket pings and of comments on event streams.', {
    default: 25 * second,
    max: day,
    zero: 'none',
  }),
}).annotate({ description: 'How long the gateway waits.' });

const compression = Schema.Struct({
  enabled: toggle('Accept permessage-deflate (RFC 7692) from WebSocket clients that offer it.', true),
  level: wholeNumber('Effort of the compressor, from fast to small.', { default: 6, min: 1, max: 9 }),
  minBytes: wholeNumber('Messages smaller than this are sent uncompressed.', { default: 1024, min: 0, max: GiB }),
  memoryLevel: wholeNumber('Memory of a compressor: 2^(memoryLevel + 9) bytes, besides its window.', {
    default: 8,
    min: 1,
    max: 9,
  }),
  serverNoContextTakeover: toggle(
    'Compress each message on its own: a broadcast is compressed once for everyone, and a quiet connection holds no ' +
      'compressor. false compresses better and costs each connection 2^(serverMaxWindowBits + 2) + 2^(memoryLevel + 9) bytes.',
    true,
  ),
  clientNoContextTakeover: toggle(
    'Ask clients to compress each message on its own. false costs each connection 2^clientMaxWindowBits bytes.',
    true,
  ),
  serverMaxWindowBits: wholeNumber("Size of the compressor's window as a power of two.", {
    default: 15,
    min: 9,
    max: 15,
  }),
  clientMaxWindowBits: wholeNumber("Largest window asked of clients that let us choose, as a power of two.", {
    default: 15,
    min: 9,
    max: 15,
  }),
}).annotate({ description: 'Compression of WebSocket messages.' });

const historyOverride = Schema.Struct({
  pattern: text('Topics it is for.', topicPattern),
  count: Schema.optionalKey(wholeNumber('Publications kept.', historyCount)),
  bytes: Schema.optionalKey(wholeNumber('Payload bytes kept.', historyBytes)),
  ageMs: Schema.optionalKey(wholeNumber('Age kept.', historyAgeMs)),
});

const history = Schema.Struct({
  count: wholeNumber('Publications a topic keeps for those who come late or back.', { ...historyCount, default: 1000 }),
  bytes: wholeNumber('Payload bytes a topic keeps.', { ...historyBytes, default: MiB }),
  ageMs: wholeNumber('Age up to which a topic keeps publications.', {
    ...historyAgeMs,
    default: 600 * second,
  }),
  overrides: records('Other bounds for topics that match a pattern; the first match counts.', historyOverride),
  totalBytes: wholeNumber('Payload bytes of all topics together; the oldest go first.', {
    default: 64 * MiB,
    min: 0,
    max: 64 * GiB,
  }),
  maxTopics: wholeNumber('Topics that keep history at the same time.', { default: 10_000, min: 1, max: 10_000_000 }),
  maxPositions: wholeNumber('Topics without history whose epoch and next offset are remembered, so that a client that missed nothing resumes; the one forgotten first goes.', {
    default: 100_000,
    min: 0,
    max: 10_000_000,
  }),
  pageBytes: wholeNumber('Payload bytes of one answer with history; one publication may be larger.', { default: 4 * MiB, min: KiB, max: 64 * MiB }),
}).annotate({ description: 'What topics remember.' });

const slowSubscriber = Schema.Struct({
  policy: choice(
    'For a subscriber whose outbound window is full: close it, drop its oldest messages, or keep only the latest of each topic.',
    slowPolicies,
    'disconnect',
  ),
  overrides: records(
    'Another policy for topics that match a pattern; the first match counts.',
    Schema.Struct({
      pattern: text('Topics it is for.', topicPattern),
      policy: choice('The policy.', slowPolicies),
    }),
  ),
}).annotate({ description: 'What happens to subscribers who do not keep up.' });

const drain = Schema.Struct({
  delayMs: wholeNumber(
    'Time from SIGTERM, when /readyz begins to return 503, until the listeners close and connections are told to go. Behind a load balancer: ' +
      'its interval between health checks times the failures that it waits for.',
    { default: 0, min: 0, max: hour },
  ),
  deadlineMs: wholeNumber('Time after drain.delayMs until the connections that are left are closed at once.', {
    default: 30 * second,
    min: 0,
    max: day,
  }),
  connectionsPerSecond: wholeNumber('Pace at which connections are told to go, so that they come back spread out.', {
    default: 1000,
    min: 1,
    max: 1_000_000,
  }),
  retryHintMs: wholeNumber(
    'Time after which clients are told to come back, at the earliest: `retry:` to event streams, `retry-after-ms` to WebSockets and commands.',
    { default: 1000, min: 0, max: hour },
  ),
  retryJitterMs: wholeNumber('Added to it at random, for each client anew, so that they do not all come back at once.', {
    default: 5000,
    min: 0,
    max: hour,
  }),
}).annotate({ description: 'How the gateway stops.' });

const log = Schema.Struct({
  level: choice('Least level that is logged.', ['debug', 'info', 'warn', 'error', 'off'], 'info'),
  access: toggle('Log one line for every request and every closed connection.', true),
}).annotate({ description: 'Logs, as lines of JSON on standard error.' });

const staticFiles = Schema.Struct({
  maxOpenFiles: wholeNumber(
    'Files kept open because they are asked for, besides those in memory, which need no descriptor. An eighth of the descriptor limit at most.',
    { default: 1024, min: 1, max: 1_000_000 },
  ),
  openFileIdleMs: wholeNumber('Time since the last request after which an open file is closed, and the space of a deleted one given back.', {
    default: 10 * second,
    min: 100,
    max: day,
  }),
  followSymlinks: toggle('Serve symbolic links that lead out of the root.', false),
  indexFile: text('File served for a directory.', fileName, 'index.html'),
  cacheBytes: wholeNumber('Memory for small files that are asked for often, each with 256 bytes on top of its content.', { default: 16 * MiB, min: 0, max: 64 * GiB }),
  maxCachedFileBytes: wholeNumber('Largest file kept in that memory; larger ones go by sendfile.', {
    default: 64 * KiB,
    min: 0,
    max: 16 * MiB,
  }),
}).annotate({ description: 'Static files.' });

const auth = Schema.Struct({
  tokens: list('Bearer tokens; when there is one, everything under /topics and /tags and the sockets of the demo need one of them.', bearerToken, [], {
    secret: true,
  }),
  readTokens: list('Bearer tokens that may subscribe and read, and not publish. With one of these, too, everything under /topics needs a token.', bearerToken, [], {
    secret: true,
  }),
  cookie: optionalText(
    'Cookie that may carry a token, in place of the URL, for browsers. It counts only in requests of pages of the host itself and of those listed by name in origins.',
    cookieName,
  ),
  adminToken: optionalText('Bearer token that the admin listener asks for.', bearerToken, { secret: true }),
}).annotate({ description: 'Who may use it.' });

const tls = Schema.Struct({
  cert: optionalText('Certificate in PEM, with the chain to its root behind it, which may be missing.', file),
  key: optionalText('Its private key in PEM, without a passphrase.', file),
  certificates: records(
    'Further certificates. A client is shown the first that is made out to the server name it asks for, and otherwise the first of all.',
    Schema.Struct({ cert: text('The certificate.', file), key: text('Its private key.', file) }),
  ),
  clientCertificate: choice(
    "Whether clients are asked for a certificate: request takes any, or none, and logs it; require takes only one that leads to tls.ca. " +
      'The command listener judges certificates by itself.',
    ['none', 'request', 'require'],
    'none',
  ),
  ca: list("Files of certificates in PEM that clients' certificates have to lead to.", file, []),
  minVersion: choice('Oldest version that is spoken.', ['TLSv1.2', 'TLSv1.3'], 'TLSv1.2'),
  ciphers: optionalText("OpenSSL's cipher list, in place of Node's.", {
    placeholder: 'LIST',
    expected: 'an OpenSSL cipher list',
    pattern: /^[A-Za-z0-9_!+@=:-]+$/u,
  }),
  tickets: toggle('Let clients resume their sessions by tickets.', true),
  admin: toggle('Speak TLS on the admin address too.', false),
}).annotate({ description: 'Certificates, and what is asked of those who connect.' });

const commandPeers = Schema.Struct({
  thumbprints: records(
    'Certificates that are let in on the command addresses over TLS, by thumbprint, and the name that each peer goes by.',
    Schema.Struct({ thumbprint: text('Of the certificate.', thumbprint), name: text('Of the peer.', peerName) }),
  ),
  maxMessageBytes: wholeNumber('Largest request, head and body together; a larger one is answered ERR, and the connection ends.', {
    default: 8064,
    min: 64,
    max: 64 * MiB,
  }),
  maxInFlight: wholeNumber('Requests of one connection that may wait for replies; further ones are not read before a reply.', {
    default: 64,
    min: 1,
    max: 10_000,
  }),
  maxReminders: wholeNumber('Reminders that one connection may wait for.', { default: 16, min: 0, max: 10_000 }),
  idleTimeoutMs: wholeNumber(
    'Time after which a connection is closed on which nothing was sent either way and no reply is due. Clients that only listen send PING.',
    { default: 300 * second, max: day, zero: 'never' },
  ),
}).annotate({ description: 'Who may connect to the command addresses, and what they may do.' });

const mirror = Schema.Struct({
  maxFrames: wholeNumber('Messages the ring holds for members who have not taken them yet.', { default: 1024, min: 8, max: 1_000_000 }),
  maxBytes: wholeNumber('Bytes the ring holds. Much more than limits.maxMessageBytes, or one message fills it.', {
    default: 4 * MiB,
    min: KiB,
    max: GiB,
  }),
  graceMs: wholeNumber('Time a slow member has to take half of a full ring before it is dropped. Senders wait meanwhile.', {
    default: 3 * second,
    min: 0,
    max: hour,
  }),
}).annotate({ description: 'The mirror of the demo.' });

const inspection = Schema.Struct({
  enabled: toggle('Serve the inspector on the admin address: /inspector, /inspection, and the flight recorder behind them.', true),
  maxRecordedSteps: wholeNumber('Last steps that are kept of each connection, at three bytes each.', { default: 24, min: 2, max: 255 }),
  maxRecordedConnections: wholeNumber('Closed connections whose last steps and reason are kept.', { default: 1000, min: 0, max: 100_000 }),
  maxWatchers: wholeNumber('Streams of events that may be open at a time, and as many of totals; a further one is answered 503.', {
    default: 16,
    min: 1,
    max: 1000,
  }),
  maxQueuedEvents: wholeNumber('Events that wait for a watcher who reads slowly; further ones are lost to it, and counted.', {
    default: 4096,
    min: 16,
    max: 1_000_000,
  }),
  maxQueuedBytes: wholeNumber('The same in bytes.', { default: MiB, min: 64 * KiB, max: 64 * MiB }),
  maxStreamPercent: wholeNumber('Most of all connections that /inspection/stream shows to who asks for neither a part nor certain ones.', {
    default: 100,
    min: 1,
    max: 100,
  }),
}).annotate({ description: 'Looking into connections: why is one in its state, and why did it close?' });

/** The configuration of a gateway. Its type is a deeply readonly plain object, every setting present. */
export const GatewayConfig = Schema.Struct({
  http: list(
    'Addresses that serve topics and files. Port 0 picks a free one. With a certificate and no address in https, these speak TLS.',
    address,
    ['127.0.0.1:8080'],
  ),
  https: list('Addresses that serve the same over TLS. Those of http stay clear text then.', address, []),
  command: list(
    'Addresses of the command protocol. With a certificate they speak TLS, and peers are let in by the thumbprints of theirs.',
    address,
    [],
  ),
  admin: text('Address of metrics, health and connections, or off.', addressOrOff, '127.0.0.1:9090'),
  root: optionalText('Directory of static files. It has to exist.', { ...path, placeholder: 'DIR', expected: 'a directory' }),
  demo: toggle('Serve the demo page at /, and sockets to try and to test with: /echo, /mirror, /increment, /echogen, /fraggle, /ping, /status. With tokens in auth, its sockets need one of auth.tokens.', false),
  transport: choice('How bytes move: node is node:net; auto picks the fastest that works here.', ['auto', 'node'], 'auto'),
  pidFile: optionalText('File that holds the process id while the gateway runs.', file),
  insecure: toggle('Allow addresses that other machines reach without any authentication: without a token everyone may use topics, tags and the sockets of the demo.', false),
  origins: list(
    'Origins of web pages that may connect and read, besides those of the host itself; * allows all.',
    origin,
    [],
  ),
  subprotocols: list('WebSocket sub-protocols that are spoken. A client gets the first of its own list that is here.', subprotocol, ['sluice.v1', 'sluice.raw.v1']),
  trustedProxies: list(
    "Networks of the proxies in front: what they say of a client's address counts for rates, lists and logs. Nothing that other peers say of it does.",
    network,
    [],
  ),
  forwardedField: choice(
    'The one header field in which trusted proxies name the client. The other is ignored, so that no client can name itself in a field its proxy passes on. ' +
      'With x-forwarded-for, X-Forwarded-Proto tells whether the client came over TLS; with forwarded (RFC 7239), proto does.',
    ['x-forwarded-for', 'forwarded'],
    'x-forwarded-for',
  ),
  refusals: choice(
    'How a WebSocket handshake or an event stream is refused: http is an error reply, which browsers do not show to the page; with inBand the gateway accepts, ' +
      'says why in a close code (4000 plus the HTTP status) or an event, and closes.',
    ['http', 'inBand'],
    'http',
  ),
  proxyProtocol: list(
    'Those addresses of http, https and command where each connection begins with a PROXY header, version 1 or 2, in front of TLS too. Only trustedProxies may connect to them.',
    address,
    [],
  ),
  auth,
  tls,
  limits,
  windows,
  throttle,
  timeouts,
  compression,
  history,
  slowSubscriber,
  drain,
  commandPeers,
  log,
  static: staticFiles,
  mirror,
  inspection,
}).annotate({ title: 'Sluice gateway configuration' });

export interface GatewayConfig extends Schema.Schema.Type<typeof GatewayConfig> {}
