// Reads the module specifiers of a TypeScript source without a compiler: comments, strings, templates and regular
// expressions are blanked first, so that what looks like an import inside of them is none; the rest is matched by
// pattern, and the specifier read from the source at the place of the match.

/** One specifier and the line (from 1) it stands on. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

const patterns = [
  /(?<![\w$.])(?:import|export)\b(?!\s*\()[^;'"()=]*?\bfrom\s*(?<string>'[^']*'|"[^"]*")/dg,
  /(?<![\w$.])import\s*(?<string>'[^']*'|"[^"]*")/dg,
  /(?<![\w$.])(?:import|require|require\.resolve)\s*\(\s*(?<string>'[^']*'|"[^"]*")/dg,
];

/** Every specifier that `source` imports, re-exports or loads dynamically by a literal, in order of appearance. */
export function readImports(source: string): Import[] {
  const masked = maskSource(source);
  const spans = patterns.flatMap((pattern) =>
    [...masked.matchAll(pattern)].map((match) => match.indices?.groups?.['string'] ?? [0, 0]),
  );
  spans.sort((a, b) => a[0] - b[0]);
  return spans.map(([start, end]) => ({
    specifier: source.slice(start + 1, end - 1),
    line: masked.slice(0, start).split('\n').length,
  }));
}

const runtimeExport = /^export\s+(?:default\b|(?:abstract\s+|async\s+)*(?:const|let|var|function|class)\b|\{[^}]*\}(?!\s*from))/m;
const behaviour = /=>|\bfunction\b|\bclass\b|\)\s*(?::[^;{}]*)?\{/;

/** Whether a source exports something that runs: not only types, re-exports or constants. */
export function exportsBehaviour(source: string): boolean {
  const masked = maskSource(source);
  return runtimeExport.test(masked) && behaviour.test(masked);
}

const regexMayFollow = /(?:^|[(,=:[!&|?{;+\-*%<>~^]|\b(?:return|typeof|case|in|of|do|else|throw|void|delete))\s*$/;

/** `source` with the text of comments, strings, templates and regular expressions blanked; lines and offsets stay. */
export function maskSource(source: string): string {
  let masked = '';
  let at = 0;
  const templateDepths: number[] = []; // brace depth inside each open `${`
  const keep = (end: number): void => {
    masked += source.slice(at, end);
    at = end;
  };
  const blank = (end: number): void => {
    masked += source.slice(at, end).replace(/[^\n]/g, ' ');
    at = end;
  };
  while (at < source.length) {
    const two = source.slice(at, at + 2);
    const char = source[at];
    if (two === '//') blank(endOf(source, at, '\n'));
    else if (two === '/*') blank(endOf(source, at + 2, '*/') + 2);
    else if (char === "'" || char === '"') {
      keep(at + 1);
      blank(endOfQuoted(source, at, char));
      keep(at + 1);
    } else if (char === '`') blankTemplate();
    else if (char === '/' && regexMayFollow.test(masked.slice(-80).trimEnd())) blank(endOfRegex(source, at + 1));
    else if (char === '}' && templateDepths.at(-1) === 0) {
      templateDepths.pop();
      blankTemplate();
    } else {
      const open = templateDepths.length - 1;
      if (open >= 0 && char === '{') templateDepths[open] = (templateDepths[open] ?? 0) + 1;
      else if (open >= 0 && char === '}') templateDepths[open] = (templateDepths[open] ?? 0) - 1;
      keep(at + 1);
    }
  }
  return masked;

  /** Blanks template text up to the closing backquote, or up to `${`, whose expression is code again. */
  function blankTemplate(): void {
    let end = at + 1;
    while (end < source.length && source[end] !== '`') {
      if (source[end] === '\\') end++;
      else if (source.startsWith('${', end)) {
        templateDepths.push(0);
        blank(end + 2);
        return;
      }
      end++;
    }
    blank(end + 1);
  }
}

function endOf(source: string, from: number, needle: string): number {
  const end = source.indexOf(needle, from);
  return end < 0 ? source.length : end;
}

function endOfQuoted(source: string, from: number, quote: string): number {
  let end = from;
  while (end < source.length && source[end] !== quote && source[end] !== '\n') end += source[end] === '\\' ? 2 : 1;
  return end;
}

function endOfRegex(source: string, from: number): number {
  let inClass = false;
  let end = from;
  for (; end < source.length && source[end] !== '\n'; end++) {
    const char = source[end];
    if (char === '\\') end++;
    else if (char === '[') inClass = true;
    else if (char === ']') inClass = false;
    else if (char === '/' && !inClass) return end + 1;
  }
  return end;
}
