// Many real connections that do what clients do: they come, talk, stall and go, from this process, on raw sockets. For specs that look at a gateway
// which is busy with others.
//
//     talkers       WebSockets on /echo; some of them talk at each beat
//     subscribers   WebSockets on a topic; one of them publishes at each beat, and some have stopped reading
//     stallers      send half of a request's head, and nothing more until the gateway has enough of it
//
// Whoever goes, in good order or not, is replaced: there are as many from the beginning to the end.

import { connect, type Socket } from 'node:net';
import { clientFrame, handshakeFor } from './raw-peer.ts';

type Role = 'talker' | 'subscriber' | 'silent subscriber' | 'staller';

/** Of twenty. */
const roles: readonly Role[] = [...Array<Role>(10).fill('talker'), ...Array<Role>(7).fill('subscriber'), 'silent subscriber', 'staller', 'staller'];
const topics = ['news', 'scores', 'weather', 'prices', 'traffic', 'chat.1', 'chat.2', 'chat.3', 'alerts', 'status'];
const beatMs = 100;
/** Of a thousand, at each beat. */
const talking = 10;
const going = 1.5;
const openAtOnce = 50;

interface Member {
  readonly role: Role;
  readonly socket: Socket;
}

export class InspectedCrowd {
  readonly #port: number;
  readonly #members = new Set<Member>();
  #opened = 0;
  #timer: NodeJS.Timeout | null = null;

  private constructor(port: number) {
    this.#port = port;
  }

  /** So many, all of them connected; those that upgrade have done so. */
  static async gather(port: number, count: number): Promise<InspectedCrowd> {
    const crowd = new InspectedCrowd(port);
    while (crowd.size < count) {
      await Promise.all(Array.from({ length: Math.min(openAtOnce, count - crowd.size) }, () => crowd.#join()));
    }
    crowd.#timer = setInterval(() => crowd.#beat(), beatMs);
    return crowd;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Ever opened. */
  get opened(): number {
    return this.#opened;
  }

  disperse(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const { socket } of this.#members) socket.destroy();
    this.#members.clear();
  }

  #join(): Promise<void> {
    const number = this.#opened++;
    const role = roles[number % roles.length]!;
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true });
    const member: Member = { role, socket };
    return new Promise((resolve, reject) => {
      // A reset is one way to go.
      socket.on('error', (error) => reject(error));
      socket.on('close', () => {
        if (this.#members.delete(member) && this.#timer !== null) this.#join().catch(() => {});
      });
      socket.once('connect', () => {
        this.#members.add(member);
        if (role === 'staller') {
          socket.write('GET /topics/news HTTP/1.1\r\nHost: gate');
          socket.resume();
          resolve();
          return;
        }
        const topic = topics[number % topics.length]!;
        socket.write(handshakeFor(role === 'talker' ? '/echo' : `/topics/${topic}${number % 3 === 0 ? '?tag=mobile' : ''}`, 'User-Agent: crowd/1'));
        socket.once('data', (data) => {
          if (data.toString('latin1').startsWith('HTTP/1.1 101')) resolve();
          else reject(new Error(data.toString('latin1')));
          if (role === 'silent subscriber') socket.pause();
          else socket.resume();
        });
      });
    });
  }

  /** Of so many of a thousand; a part of one is one now and then. */
  #share(ofThousand: number): number {
    return Math.floor((this.size * ofThousand) / 1000 + Math.random());
  }

  #beat(): void {
    const members = [...this.#members];
    const some = (role: Role, count: number): Member[] => {
      const those = members.filter((member) => member.role === role);
      return Array.from({ length: Math.min(count, those.length) }, () => those[Math.floor(Math.random() * those.length)]!);
    };
    for (const { socket } of some('talker', this.#share(talking))) socket.write(clientFrame(0x82, new Uint8Array(400 + Math.random() * 4000)));
    for (const { socket } of some('subscriber', 1)) socket.write(clientFrame(0x81, `{"at":${Date.now()},"text":"${'news '.repeat(20)}"}`));
    for (const { socket } of [...some('talker', this.#share(going / 2)), ...some('subscriber', this.#share(going / 2))]) {
      if (Math.random() < 0.3) socket.resetAndDestroy();
      else socket.write(clientFrame(0x88, Uint8Array.of(3, 0xe8)));
    }
  }
}
