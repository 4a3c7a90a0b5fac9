// How a part of the gateway does, by the state of its chart.

import type { Tone } from '../connections/state-label.ts';

const tones: Readonly<Record<string, Tone>> = { running: 'good', listening: 'good', connected: 'good', stopped: 'plain', stopping: 'plain', idle: 'plain', waiting: 'bad' };

/** By the outermost state: `listening.quiet` is `listening`. On the way somewhere is `wait`. */
export function nodeTone(state: string | null): Tone {
  const [phase = ''] = (state ?? 'running').split(/[.(]/);
  return Object.hasOwn(tones, phase) ? (tones[phase] ?? 'wait') : 'wait';
}
