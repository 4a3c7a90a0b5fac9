// A chart's fingerprint: two charts with the same definition have the same, and a recording says by it which chart was running.

import type { AnyStateMachine } from 'xstate';
import { encodeJson } from './ascii-json.ts';

const hashes = new WeakMap<AnyStateMachine, string>();

/** FNV-1a of 64 bits over the definition's JSON, as 16 hexadecimal digits. Says nothing against somebody who means to deceive. */
export function chartHash(machine: AnyStateMachine): string {
  let hash = hashes.get(machine);
  if (hash === undefined) {
    hash = fnv1a(encodeJson(machine.config));
    hashes.set(machine, hash);
  }
  return hash;
}

function fnv1a(ascii: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < ascii.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(ascii.charCodeAt(i))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, '0');
}
