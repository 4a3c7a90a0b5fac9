import { describe, expect, it } from 'vitest';
import { hashOf } from '../src/characters.ts';
import { commonNames } from '../src/names.ts';
import { statusLine, statusText } from '../src/status.ts';
import { textOf } from './wire.ts';

describe('common names', () => {
  it('are in lower case and have hashes of their own', () => {
    expect(commonNames.size).toBe(71);
    for (const [hash, name] of commonNames) {
      expect(name).toBe(name.toLowerCase());
      expect(hashOf(name)).toBe(hash);
    }
  });
});

describe('status lines', () => {
  it('are the phrases, encoded', () => {
    for (const [status, phrase] of Object.entries(statusText)) expect(textOf(statusLine(Number(status)))).toBe(`HTTP/1.1 ${status} ${phrase}\r\n`);
  });
});
