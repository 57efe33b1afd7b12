/** Every sabotage is what it says, and none has rotted: an edit that no longer fits would break nothing, unnoticed. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { noCell } from '../../harness/sabotage/matrix.ts';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { after, editedConfig, instead } from '../../harness/sabotage/server/config-edit.ts';
import { scenarios } from '../../scenarios/index.ts';

const CONFIG = readFileSync(new URL('../../containers/kamailio/kamailio.cfg', import.meta.url), 'utf8');

describe('the registry', () => {
  it('has no id twice', () => {
    const ids = sabotages.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  it('attacks server, path and lab', () => {
    const count = (breaks: string): number => sabotages.filter((each) => each.breaks === breaks).length;
    expect([count('server') >= 20, count('path') >= 8, count('lab') >= 5]).toEqual([true, true, true]);
  });

  it.for(sabotages)('$id', ({ id, title, breaks, meantFor, lawful, calls, begin }) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(title).toMatch(/^[A-Z].*\S[.)]$/);
    expect(lawful !== undefined).toBe(meantFor === noCell);
    for (const situation of calls?.situations ?? []) expect(scenarios.map((each) => each.id)).toContain(situation);
    const { editConfig, rules, changeSite, onLab } = begin();
    const means = { server: editConfig, path: rules, lab: changeSite ?? onLab };
    expect(means[breaks]).toBeDefined();
    if (editConfig !== undefined) expect(editConfig(CONFIG)).not.toBe(CONFIG);
  });
});

describe('an edit of the configuration', () => {
  it('is made where its anchor stands', () => {
    expect(editedConfig([instead('b', 'B'), after('c', '$&')])('a b c')).toBe('a B c$&');
  });

  it.for([
    ['is not there', 'x', /"x".*0 times/],
    ['stands there twice', 'a', /"a".*2 times/],
  ] as const)('is refused when its anchor %s', ([, anchor, message]) => {
    expect(() => editedConfig([instead(anchor, 'y')])('a b a')).toThrow(message);
  });
});
