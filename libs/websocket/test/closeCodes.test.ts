import { describe, expect, it } from 'vitest';
import { isSendableCloseCode } from '../src/closeCodes.ts';

describe('Close codes (RFC 6455, sections 7.4.1 and 7.4.2)', () => {
  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])('%i may be sent', (code) => {
    expect(isSendableCloseCode(code)).toBe(true);
  });
  it.each([0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])('%i may not', (code) => {
    expect(isSendableCloseCode(code)).toBe(false);
  });
});
