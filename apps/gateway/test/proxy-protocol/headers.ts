// PROXY headers as a proxy writes them.

const signature = [0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a];

export interface BinaryHeader {
  readonly command?: number;
  readonly kind?: number;
  readonly addresses?: readonly number[];
  readonly tlvs?: readonly number[];
  readonly version?: number;
}

/** Version 2: by default a connection from 203.0.113.9:51000 to 198.51.100.1:443 over TCP. */
export function binaryHeader({ command = 1, kind = 0x11, addresses = inet, tlvs = [], version = 2 }: BinaryHeader = {}): Uint8Array {
  const length = addresses.length + tlvs.length;
  return Uint8Array.from([...signature, (version << 4) | command, kind, length >> 8, length & 255, ...addresses, ...tlvs]);
}

export const inet: readonly number[] = [203, 0, 113, 9, 198, 51, 100, 1, 51_000 >> 8, 51_000 & 255, 1, 187];

/** The proxy's own connection. */
export const localHeader: Uint8Array = binaryHeader({ command: 0, kind: 0, addresses: [] });

export function textHeader(line: string): Uint8Array {
  return Buffer.from(`${line}\r\n`, 'latin1');
}
