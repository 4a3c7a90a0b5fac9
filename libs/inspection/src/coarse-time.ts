// A span of time in one byte: exact below 16 ms, beyond that rounded down by less than an eighth, up to 24 days. The code is a small
// floating-point number, five bits of exponent and three of mantissa.

const longestMs = 0x7fff_ffff;

export function encodeSpan(ms: number): number {
  const whole = Math.min(longestMs, Math.max(0, Math.floor(ms)));
  if (whole < 8) return whole;
  const top = 31 - Math.clz32(whole);
  return ((top - 2) << 3) | ((whole >> (top - 3)) & 7);
}

export function decodeSpan(code: number): number {
  const exponent = code >> 3;
  const mantissa = code & 7;
  return exponent === 0 ? mantissa : (8 + mantissa) << (exponent - 1);
}
