// The peer Bun, run by Bun itself: /echo, fan-out by its own publish, files by Bun.file, POST. The directory is its
// argument; with a certificate and a key behind it, it speaks TLS. Ends when its stdin does.

interface BunSocket {
  readonly data: { readonly echo: boolean };
  send(message: string | Uint8Array): void;
  subscribe(topic: string): void;
}
interface BunServer {
  readonly port: number;
  upgrade(request: Request, options: { data: BunSocket['data'] }): boolean;
  publish(topic: string, message: string | Uint8Array): void;
}
declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    tls?: { cert: Blob; key: Blob };
    fetch(request: Request, server: BunServer): Response | Promise<Response> | undefined;
    websocket: {
      perMessageDeflate: boolean;
      idleTimeout: number;
      open(socket: BunSocket): void;
      message(socket: BunSocket, message: string | Uint8Array): void;
    };
  }): BunServer;
  file(path: string): Blob;
  gc(force: boolean): void;
};

const [root = '.', certificate, key] = process.argv.slice(2);
const topic = 'bench';
let offset = 0;

const server = Bun.serve({
  hostname: '127.0.0.1',
  port: 0,
  ...(certificate !== undefined && key !== undefined && { tls: { cert: Bun.file(certificate), key: Bun.file(key) } }),
  fetch(request, self) {
    const path = new URL(request.url).pathname;
    if (request.headers.get('upgrade') !== null) {
      if (self.upgrade(request, { data: { echo: path === '/echo' } })) return undefined;
      return new Response('no upgrade', { status: 400 });
    }
    if (request.method === 'POST') {
      return request.text().then((body) => {
        self.publish(topic, body);
        return Response.json({ offset: ++offset });
      });
    }
    return new Response(Bun.file(root + path));
  },
  websocket: {
    perMessageDeflate: false,
    idleTimeout: 600,
    open(socket) {
      if (!socket.data.echo) socket.subscribe(topic);
    },
    message(socket, message) {
      if (socket.data.echo) socket.send(message);
      else server.publish(topic, message);
    },
  },
});
console.log(`listening http://127.0.0.1:${server.port}`);
process.on('SIGUSR2', () => Bun.gc(true));
process.stdin.on('close', () => process.exit(0)).resume();
