// The pieces of header fields that the opening handshake is written in (RFC 9110, section 5.6; RFC 6455, section 9.1).

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export function isToken(text: string): boolean {
  return token.test(text);
}

/** Whether a comma-separated list of tokens has this one, in any case. */
export function listHasToken(list: string | undefined, wanted: string): boolean {
  return list !== undefined && list.split(',').some((item) => trimSpace(item).toLowerCase() === wanted);
}

/** The elements of a comma-separated list of tokens, empty ones left out; `null` if one is no token. */
export function parseTokenList(list: string): string[] | null {
  const tokens = list.split(',').map(trimSpace).filter((item) => item !== '');
  return tokens.every(isToken) ? tokens : null;
}

/** Without the spaces and tabs around it, in one pass over them. */
function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** One extension as offered or agreed on: its name, and its parameters in order. */
export interface Extension {
  readonly name: string;
  readonly parameters: readonly ExtensionParameter[];
}

export interface ExtensionParameter {
  readonly name: string;
  /** `null` without a value. A quoted value stands here without its quotes. */
  readonly value: string | null;
}

const space = /[ \t]*/y;
const tokenHere = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const quotedHere = /"((?:[^"\\]|\\.)*)"/y;

/**
 * Reads a Sec-WebSocket-Extensions field (RFC 6455, section 9.1), several of them joined by commas. `null` if it does not follow
 * the grammar; a quoted value must be a token once its quotes are gone.
 */
export function parseExtensions(field: string): Extension[] | null {
  const extensions: Extension[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const found = pattern.exec(field);
    if (found !== null) at += found[0].length;
    return found;
  };
  const takeMark = (mark: string): boolean => {
    take(space);
    if (field[at] !== mark) return false;
    at++;
    take(space);
    return true;
  };
  take(space);
  for (;;) {
    while (takeMark(',')) continue;
    if (at === field.length) return extensions.length === 0 ? null : extensions;
    const name = take(tokenHere);
    if (name === null) return null;
    const parameters: ExtensionParameter[] = [];
    while (takeMark(';')) {
      const parameter = take(tokenHere);
      if (parameter === null) return null;
      let value: string | null = null;
      if (takeMark('=')) {
        const quoted = take(quotedHere);
        value = quoted === null ? (take(tokenHere)?.[0] ?? null) : quoted[1].replace(/\\(.)/g, '$1');
        if (value === null || !isToken(value)) return null;
      }
      parameters.push({ name: parameter[0], value });
    }
    extensions.push({ name: name[0], parameters });
    if (at < field.length && field[at] !== ',') return null;
  }
}
