import { connectionMachine, listenerMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { configurationPage, connectionPage, generateDocuments, listenerPage } from '../src/documents.ts';

describe('connectionPage', () => {
  it('is another for another machine', () => {
    expect(connectionPage(connectionMachine.root.states.draining)).not.toBe(connectionPage(connectionMachine.root));
  });

  it('has the diagram in a fence that is drawn, and the three tables', () => {
    const page = connectionPage(connectionMachine.root);
    expect(page).toMatch(/```mermaid\nstateDiagram-v2\n[^`]+\n```\n/);
    expect(page).toContain('| `established.outbound.choked` |');
    expect(page).toContain('| any | `TRANSPORT.FAILED` | `closed` | `reason transportError` |');
    expect(page).toMatch(/\| `close` \| `draining`, `writeAndAbort` \|/);
  });
});

describe('listenerPage', () => {
  it('has the diagram and both tables, with every state of the machine in them', () => {
    const page = listenerPage(listenerMachine.root);
    expect(page).toContain('```mermaid\nstateDiagram-v2\n');
    for (const name of ['starting', 'listening.active', 'listening.quiet', 'waiting', 'binding', 'stopped']) expect(page).toContain(`| \`${name}\` |`);
    expect(listenerPage(connectionMachine.root)).not.toBe(page);
  });
});

describe('configurationPage', () => {
  it('ends with the tables and one line break', () => {
    expect(configurationPage('the tables\n\n')).toMatch(/[^\n]\n\nthe tables\n$/);
  });
});

describe('generateDocuments', () => {
  it("takes the settings from the gateway's schema", async () => {
    const { text } = (generateDocuments()).find(({ path }) => path === 'docs/configuration.md')!;
    expect(text).toContain('`SLUICE_LIMITS_MAX_MESSAGE_BYTES`');
  });
});
