// Which targets failed, as Nx says it at the end of a run.

const heading = /^\s*Failed tasks:\s*$/;
const entry = /^\s*- (\S+:\S+)\s*$/;
// Colour codes, which Nx emits when it takes its output for a terminal.
// oxlint-disable-next-line no-control-regex -- ESC is what starts a colour code
const colour = /\u001B\[[0-9;]*m/g;

/** The `project:target` ids under Nx's last "Failed tasks" heading, in its order; empty when there is none. */
export function readNxFailures(output: string): string[] {
  const lines = output.replace(colour, '').split(/\r?\n/);
  const start = lines.findLastIndex((line) => heading.test(line));
  if (start < 0) return [];
  const failed: string[] = [];
  for (const line of lines.slice(start + 1)) {
    const id = entry.exec(line)?.[1];
    if (id !== undefined) failed.push(id);
    else if (line.trim() !== '') break;
  }
  return failed;
}
