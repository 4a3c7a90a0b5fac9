// JSON that people write: parsed, or each mistake with its line and column. A repeated key is a mistake, because JSON.parse would drop
// the first value without a word (RFC 8259 section 4: names within an object should be unique).

import { printParseErrorCode, visit } from 'jsonc-parser';

export interface JsonMistake {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  readonly message: string;
}

export type JsonText = { readonly value: unknown; readonly mistakes: null } | { readonly mistakes: readonly [JsonMistake, ...JsonMistake[]] };

/** By the parser's names of its errors; those with `got` are followed by the kind of what stands there. */
const texts: Readonly<Record<string, { readonly message: string; readonly got?: true }>> = {
  InvalidSymbol: { message: 'expected a value or a string in double quotes', got: true },
  InvalidNumberFormat: { message: 'this number is not complete' },
  UnexpectedEndOfNumber: { message: 'this number is not complete' },
  PropertyNameExpected: { message: 'expected a key in double quotes', got: true },
  ValueExpected: { message: 'expected a value', got: true },
  ColonExpected: { message: 'expected a colon', got: true },
  CommaExpected: { message: 'expected a comma', got: true },
  CloseBraceExpected: { message: 'expected a comma or }', got: true },
  CloseBracketExpected: { message: 'expected a comma or ]', got: true },
  EndOfFileExpected: { message: 'expected the end of the text', got: true },
  InvalidCommentToken: { message: 'comments are not allowed' },
  UnexpectedEndOfComment: { message: 'comments are not allowed' },
  UnexpectedEndOfString: { message: 'the closing quote of this string is missing' },
  InvalidUnicode: { message: String.raw`expected four hexadecimal digits after \u in this string` },
  InvalidEscapeCharacter: { message: 'this string has an escape sequence that JSON does not know' },
  InvalidCharacter: { message: String.raw`this string has a control character; write it as an escape sequence, like \n or \u0007` },
};
/** Never throws. Of several syntax errors the first is returned, because the others often follow from it; of repeated keys, each. */
export function parseJsonText(text: string): JsonText {
  const found = mistakesOf(text);
  if (found[0] !== undefined) return { mistakes: [found[0], ...found.slice(1)] };
  try {
    return { value: JSON.parse(text) as unknown, mistakes: null };
  } catch {
    return { mistakes: [{ line: 1, column: 1, message: notJson('expected a value') }] };
  }
}

function mistakesOf(text: string): JsonMistake[] {
  let syntax: JsonMistake | null = null;
  const repeated: JsonMistake[] = [];
  const objects: Map<string, number>[] = [];
  try {
    visit(
      text,
      {
        onError: (code, offset, length, line, column) => {
          syntax ??= { line: line + 1, column: column + 1, message: notJson(describe(printParseErrorCode(code), text.slice(offset, offset + length))) };
        },
        onObjectBegin: () => void objects.push(new Map()),
        onObjectEnd: () => void objects.pop(),
        onObjectProperty: (key, _offset, _length, line, column) => {
          const keys = objects.at(-1);
          const first = keys?.get(key);
          if (first === undefined) keys?.set(key, line + 1);
          else repeated.push({ line: line + 1, column: column + 1, message: `the key ${JSON.stringify(key)} is repeated; it is on line ${first} already` });
        },
      },
      { disallowComments: true, allowTrailingComma: false },
    );
  } catch {
    return [{ line: 1, column: 1, message: notJson('objects and lists are nested too deeply') }];
  }
  return syntax === null ? repeated : [syntax];
}

function describe(code: string, there: string): string {
  const { message, got = false } = texts[code] ?? { message: code };
  return got ? `${message}, got ${kindOf(there)}` : message;
}

/** A string or a word may be a secret: it is not shown. */
function kindOf(there: string): string {
  if (there === '') return 'the end of the text';
  if (/^[^\w]$/.test(there)) return there;
  if (there.startsWith('"')) return 'a string';
  if (there.startsWith("'")) return 'a single quote';
  return /^[-+.\d]/.test(there) ? 'a number' : 'a word without quotes';
}

function notJson(message: string): string {
  return `not JSON: ${message}`;
}
