// Bytes that are kept are copied by brigade's `copyBytes`. `slice` copies a Uint8Array, but of a Node Buffer, which every transport lends, it is a view
// that changes with the next read. Types do not tell the two apart, so names decide: what libs and apps call their byte arrays is never sliced.

import type { WorkspaceFile } from './files.ts';
import { maskSource } from './imports.ts';
import type { Violation } from './violation.ts';

const checkedSource = /^(?:libs\/[^/]+\/(?!test\/|bench\/)|apps\/[^/]+\/src\/).*\.ts$/;
/** `bytes.slice(`, `this.#held.slice(`, `readBuffer.slice(`, `arena.input.bytes.slice(`: the name in front ends in that of a byte array. */
const slicedBytes = /([\w$]*(?:bytes|buffer|chunk|scratch|segment|payload|leftover|lent|held|piece|data))[!?]?\s*\??\.slice\(/gi;

export function checkBytes(files: readonly WorkspaceFile[]): Violation[] {
  return files
    .filter(({ path }) => checkedSource.test(path))
    .flatMap(({ path, text }) => {
      const masked = maskSource(text);
      return [...masked.matchAll(slicedBytes)].map((found) => ({
        where: `${path}:${masked.slice(0, found.index).split('\n').length}`,
        rule: 'sliced-bytes',
        what: `${found[1]}.slice(…) is no copy of a Node Buffer; use copyBytes of @sluice/brigade, or subarray for a view`,
      }));
    });
}
