// The settings as Markdown tables, one for each group. `docs/configuration.md` is this text between its prose.

import { settingGroups, type Setting } from './catalogue.ts';

/** One section per group, headed `## name`, each with a table of its settings. */
export function configurationTables(): string {
  return settingGroups.map(({ name, description, settings }) => {
    const title = name === '' ? 'Listeners and content' : `\`${name}\``;
    const head = '| setting | default | values | what it does |\n|---|---|---|---|';
    return `## ${title}\n\n${description}\n\n${head}\n${settings.map(row).join('\n')}\n`;
  }).join('\n');
}

function row(setting: Setting): string {
  const names = [`\`${setting.path}\``, `\`${setting.variable}\``];
  if (!setting.notes.secret) names.push(`\`--${setting.flag}\``);
  const values = `${setting.notes.expected}${setting.notes.nullable ? ', or null' : ''}`;
  const cells = [names.join('<br>'), code(setting.default), values, setting.description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function code(value: unknown): string {
  return `\`${JSON.stringify(value)}\``;
}
