// What others have chosen (a peer's name, a message, a gateway's words), for a terminal: nothing in it is obeyed, and nothing in it changes
// the direction that the rest of the line is read in.

/** C0, DEL, C1, and the invisible marks of direction. */
// oxlint-disable-next-line no-control-regex
const obeyed = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
// oxlint-disable-next-line no-control-regex
const obeyedInLines = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** For part of a line. */
export function printable(text: string): string {
  return text.replace(obeyed, '\ufffd');
}

/** For text that may have lines and tabs of its own. */
export function printableLines(text: string): string {
  return text.replace(obeyedInLines, '\ufffd');
}
