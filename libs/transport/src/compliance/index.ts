// The suite that every transport passes. A transport's test file brings its set-up and nothing else:
//
//     import { describe, expect, it } from 'vitest';
//     import { checkTransport } from '@sluice/transport/compliance';
//
//     checkTransport({ describe, it, expect }, setUp);

import { adoptionCases } from './adoption.ts';
import { cancellingCases, resolvingCases } from './cancelling.ts';
import type { Cases } from './cases.ts';
import { closingCases } from './closing.ts';
import { fileCases } from './files.ts';
import { acceptFailureCases, listeningCases } from './listening.ts';
import { readingCases } from './reading.ts';
import { Scene } from './scene.ts';
import type { TransportSetUp } from './set-up.ts';
import { streamCases } from './streams.ts';
import type { TestApi } from './test-api.ts';
import { transferCases } from './transfer.ts';
import { writingCases } from './writing.ts';

export type { ForeignSockets, TransportSetUp, TransportUnderTest } from './set-up.ts';
export type { Assertion, TestApi } from './test-api.ts';
export { Pattern, seededRandom } from './pattern.ts';

/** Registers the whole suite with a test runner. */
export function checkTransport(test: TestApi, setUp: TransportSetUp): void {
  const chapters: Record<string, Cases> = {
    reading: readingCases,
    writing: writingCases,
    files: fileCases,
    streams: streamCases,
    closing: closingCases,
    listening: listeningCases(setUp),
    transfers: transferCases,
  };
  if (setUp.adopts) chapters.adoption = adoptionCases;
  if (setUp.cancels === true) chapters.cancelling = cancellingCases;
  if (setUp.knownHost !== undefined) chapters.resolving = resolvingCases(setUp.knownHost, setUp.unknownHost);
  if (setUp.failsAccepts) chapters['failing accepts'] = acceptFailureCases;
  test.describe(`${setUp.name} keeps the transport contract`, () => {
    for (const [chapter, cases] of Object.entries(chapters)) {
      test.describe(chapter, () => {
        for (const [name, play] of Object.entries(cases)) test.it(name, () => Scene.play(test, setUp, play));
      });
    }
  });
}
