// A chapter of the suite: its cases by name, each played in a scene of its own.

import type { Scene } from './scene.ts';

export type Cases = Readonly<Record<string, (scene: Scene) => Promise<void>>>;
