import { connectionMachine } from '@sluice/connection';
import { describe, expect, it } from 'vitest';
import { allStates, readDiagram } from '../../src/diagram/diagram-model.ts';
import { scxmlDocument } from '../../src/diagram/scxml.ts';
import { machineNode, smallChart } from '../support/small-chart.ts';

describe('an SCXML document', () => {
  it('has states, regions, actions and transitions; what holds everywhere stands in each state below the root', () => {
    expect(scxmlDocument(readDiagram(smallChart))).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<scxml xmlns="http://www.w3.org/2005/07/scxml" xmlns:action="urn:sluice:actions" version="1.0" name="machine" initial="machine.open">
  <parallel id="machine.open">
    <onentry>
      <action:arm argument="idle"/>
    </onentry>
    <onexit>
      <action:disarm argument="idle"/>
    </onexit>
    <transition event="TIMEOUT.idle" target="machine.gone"/>
    <transition event="CLOSE" target="machine.gone">
      <action:log/>
    </transition>
    <transition event="ABORT" target="machine.gone">
      <action:log/>
    </transition>
    <state id="machine.open.left" initial="machine.open.left.on">
      <state id="machine.open.left.on">
        <transition event="POKE">
          <action:log/>
        </transition>
      </state>
    </state>
    <state id="machine.open.right" initial="machine.open.right.off">
      <state id="machine.open.right.off"/>
    </state>
  </parallel>
  <final id="machine.gone"/>
</scxml>
`);
  });

  it('does not leave a state for one inside it', () => {
    const node = machineNode({ initial: 'a', states: { a: { initial: 'b', on: { GO: ['a.c'] }, states: { b: {}, c: {} } } } });
    expect(scxmlDocument(readDiagram(node))).toContain('<transition event="GO" target="machine.a.c" type="internal"/>');
  });

  it('has every state of the connection chart, and only targets that it has', () => {
    const root = readDiagram(connectionMachine.root);
    const document = scxmlDocument(root);
    const ids = [...document.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toEqual(allStates(root).slice(1).map(({ id }) => id));
    for (const [, target] of document.matchAll(/ (?:target|initial)="([^"]+)"/g)) expect(ids).toContain(target);
  });
});
