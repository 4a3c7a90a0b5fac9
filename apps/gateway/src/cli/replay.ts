// `sluice replay FILE`: runs a recording against the charts of this gateway, and says where they do something else than what was recorded.

import { parseRecording, RecordingError, replay as replayRecording, type Replay } from '@sluice/inspection';
import { printable } from '../client/printable.ts';
import { machines } from '../inspection/charts.ts';
import { refuseOptions } from './client-options.ts';
import type { Host } from './host.ts';
import { valueText } from './inspect-lines.ts';
import type { ExitStatus } from './run.ts';

export const replayHelp = `usage: sluice replay FILE

Runs a recording (of /inspection/recordings/ID, or the inspector's export) against the charts of this gateway. Prints where a chart does something
else than what was recorded. Ends with 0 when all of it is the same, with 1 when something differs, with 2 when the file is no recording.
`;

export function replay(argv: readonly string[], host: Host): ExitStatus {
  const [file, ...extra] = argv;
  if (file === undefined || file.startsWith('-')) return refuseOptions(host, [{ where: 'sluice replay', message: 'expected a file' }]);
  if (extra.length > 0) return refuseOptions(host, [{ where: extra[0]!, message: 'unexpected argument' }]);
  let replays: Replay[];
  try {
    replays = replayRecording(parseRecording(host.readFile(file)), machines);
  } catch (error) {
    if (!(error instanceof RecordingError) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    return refuseOptions(host, [{ where: file, message: printable((error as Error).message) }]);
  }
  for (const each of replays) for (const line of linesOf(each)) host.print(`${line}\n`);
  return replays.every(({ outcome }) => outcome === 'same') ? 0 : 1;
}

function linesOf({ sessionId, chart, outcome, chartChanged, steps, difference }: Replay): string[] {
  const who = printable(sessionId);
  if (outcome === 'unknownChart') return [`${who}: there is no chart ${printable(chart)} here`];
  const changed = chartChanged ? `; the chart ${chart} has changed since` : '';
  if (difference === null) return [`${who}: the same, ${steps} steps${changed}`];
  const { step, atMs, event, from, expected, got } = difference;
  const place = step < 0 ? 'where it begins' : `at step ${step + 1}, ${atMs} ms after it was opened`;
  return [
    `${who}: differs ${place}${changed}`,
    ...(event === null ? [] : [`  event     ${printable(event)}`]),
    ...(from === null ? [] : [`  in        ${printable(valueText(from))}`]),
    `  recorded  ${expected === null ? 'not known' : printable(valueText(expected))}`,
    `  here      ${got === null ? 'no such state' : printable(valueText(got))}`,
  ];
}
