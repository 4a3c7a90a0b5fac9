// `sluice diagram`: prints a chart of this gateway, drawn from the machine that runs.

import { parseArgs } from 'node:util';
import { layoutInput, mermaidDiagram, scxmlDocument, svgDiagram } from '@sluice/inspection';
import { layOut } from '../inspection/chart-layout.ts';
import { chartDiagram, chartIds, isChartId, type DiagramState } from '../inspection/charts.ts';
import { refuseOptions } from './client-options.ts';
import type { Host } from './host.ts';
import type { ExitStatus } from './run.ts';

const formats: Readonly<Record<string, (root: DiagramState) => string | Promise<string>>> = {
  mermaid: (root) => `${mermaidDiagram(root)}\n`,
  svg: async (root) => svgDiagram(root, await layOut(layoutInput(root)), { standalone: true }),
  scxml: scxmlDocument,
  json: (root) => `${JSON.stringify(root, null, 2)}\n`,
};

export const diagramHelp = `usage: sluice diagram [FLAG…]

Prints a chart of this gateway: its states and what leads from one to another.

  --chart NAME    ${chartIds.join(', ')}. [connection]
  --format NAME   ${Object.keys(formats).join(', ')}. [mermaid]
  -h, --help      Print this.
`;

export async function diagram(argv: readonly string[], host: Host): Promise<ExitStatus> {
  let values: { chart?: string; format?: string };
  try {
    ({ values } = parseArgs({ args: [...argv], options: { chart: { type: 'string' }, format: { type: 'string' } } }));
  } catch (error) {
    return refuseOptions(host, [{ where: 'sluice diagram', message: (error as Error).message }]);
  }
  const { chart = 'connection', format = 'mermaid' } = values;
  const unknown = (where: string, got: string, known: readonly string[]): 2 =>
    refuseOptions(host, [{ where, message: `expected one of ${known.join(', ')}, got ${JSON.stringify(got)}` }]);
  if (!isChartId(chart)) return unknown('--chart', chart, chartIds);
  if (!Object.hasOwn(formats, format)) return unknown('--format', format, Object.keys(formats));
  host.print(await formats[format]!(chartDiagram(chart)));
  return 0;
}
