// Epochs of topics, without a string or a record for each topic.
//
// A topic's epoch is made of its name and of the generation it began in, so a topic that nobody has published to has an epoch already. While a
// topic is known or remembered it keeps its generation. A new generation begins when topics are no longer remembered: one of them that comes
// back counts from 1 again, and its epoch is another.

import { epochText, randomWord } from './position.ts';

export class Generation {
  /** Sequence of the newest publication of any topic that was no longer remembered when this generation began. */
  readonly lostSequence: number;
  readonly #first: number;
  readonly #second: number;

  constructor(random: () => number, lostSequence: number) {
    this.#first = randomWord(random);
    this.#second = randomWord(random);
    this.lostSequence = lostSequence;
  }

  /** Differs between topics (but for 1 in 2^64), and for one topic between generations. */
  epochOf(topic: string): string {
    return epochText('t', this.#first ^ hash(topic, 0x811c9dc5), this.#second ^ hash(topic, 0x9747b28c));
  }
}

/** FNV-1a over UTF-16 code units, from the given start. */
function hash(text: string, start: number): number {
  let value = start;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}
