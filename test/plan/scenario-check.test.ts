import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { checkScenario, checkVariant } from '../../harness/plan/scenario-check.ts';
import { scenarios, variants } from '../../scenarios/index.ts';

const good = {
  id: 'mine',
  title: 'Mine',
  feature: 'voicemail',
  subscriber: {
    flags: [],
    lists: [],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
};
const row = { id: 'mine', title: 'Mine', kind: 'decoy', claims: [], headers: ['X-Mine: yes'] };

/** `good` with one member, given by its path, replaced; `undefined` takes it away. */
function but(whole: object, path: string, value: unknown): unknown {
  const [key = '', ...rest] = path.split('.');
  const inner = (whole as Record<string, unknown>)[key];
  const replaced = rest.length === 0 ? value : but(inner as object, rest.join('.'), value);
  const copy = { ...whole, [key]: replaced };
  if (replaced === undefined) delete (copy as Record<string, unknown>)[key];
  return copy;
}

function complaint(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).message;
  }
  throw new Error('nothing was rejected');
}

describe('checkScenario', () => {
  it('takes what the built-in scenarios are made of', () => {
    for (const scenario of [...scenarios, good]) expect(checkScenario(scenario, 'a.ts')).toBe(scenario);
    expect(checkScenario({ ...good, assert: () => {}, dials: 'aor' }, 'a.ts')).toMatchObject({ dials: 'aor' });
  });

  it.each([
    ['id', 'My Scenario', "id: found 'My Scenario'; allowed: kebab-case"],
    ['title', '', 'title'],
    ['title', 'two\nlines', 'title'],
    ['feature', 'voice mail', 'feature'],
    ['subscriber', undefined, 'subscriber'],
    ['subscriber.flags', 'block', 'subscriber.flags'],
    ['subscriber.flags', ['enable_cf'], 'subscriber.flags[0]'],
    ['subscriber.flags', ['block', 'block'], 'subscriber.flags[1]'],
    ['subscriber.lists', [1], 'subscriber.lists[0]'],
    ['subscriber.waits.totalMs', '600', "subscriber.waits.totalMs: found '600'; allowed: a whole number"],
    ['subscriber.waits.totalMs', -1, 'subscriber.waits.totalMs'],
    ['subscriber.waits.userMs', Number.NaN, 'subscriber.waits.userMs'],
    ['subscriber.waits.team2Ms', 1.5, 'subscriber.waits.team2Ms'],
    ['subscriber.waits.team2Ms', 3_600_000, 'subscriber.waits.team2Ms'],
    ['subscriber.waits.totalMs', undefined, 'subscriber.waits.totalMs: found nothing'],
    ['subscriber.voicemail', 1, 'subscriber.voicemail'],
    ['subscriber.doNotDisturb', null, 'subscriber.doNotDisturb'],
    ['callee', 'answers', 'callee'],
    ['callee', { answerAfter: 1 }, 'callee.answerAfter'],
    ['callee', { answerAfterMs: '1' }, 'callee.answerAfterMs'],
    ['callee', null, 'callee'],
    ['caller', 'impatient', 'caller'],
    ['dials', 'voicemail', 'dials'],
    ['trap', 'voice-mail', 'trap'],
    ['kind', 'control', 'kind'],
    ['assert', 'true', 'assert'],
    ['variants', [], 'variants: found []; allowed: no such key'],
  ])('rejects %s = %j, saying where, what and what else', (path, value, text) => {
    const message = complaint(() => checkScenario(but(good, path, value), 'mine/a.ts'));
    expect(message).toContain(`mine/a.ts: ${text}`);
    expect(message).toMatch(/found .+; allowed: .+/s);
  });

  it.each([null, undefined, 1, 'scenario', [], () => {}])('rejects %s, which is no scenario at all', (value) => {
    expect(complaint(() => checkScenario(value, 'a.ts'))).toMatch(/^a\.ts: found/);
  });

  it('throws nothing but UsageError, whatever a file exports', () => {
    const wild = fc.record(Object.fromEntries(Object.keys(good).map((key) => [key, fc.anything()])));
    fc.assert(
      fc.property(fc.oneof(fc.anything(), wild), (value) => {
        complaint(() => checkScenario(value, 'a.ts'));
        complaint(() => checkVariant(value, 'a.ts'));
      }),
    );
  });
});

describe('checkVariant', () => {
  it('takes every built-in row', () => {
    for (const variant of [...variants, row]) expect(checkVariant(variant, 'a.ts')).toBe(variant);
  });

  it.each([
    ['id', 'X-Mine', 'id'],
    ['kind', 'required', 'kind'],
    ['claims', 'rfc', 'claims'],
    ['claims', [''], 'claims[0]'],
    ['headers', 'X-Mine: yes', 'headers'],
    ['headers', [], 'headers'],
    ['headers', ['X-Mine'], 'headers[0]'],
    ['headers', ['X Mine: yes'], 'headers[0]'],
    ['headers', ['X-Mine: yes', 'X-Mine: a\r\nVia: b'], 'headers[1]'],
    ['headers', ['X-Mine: a\nb'], 'headers[0]'],
    ['headers', ['X-Mine: a\rb'], 'headers[0]'],
    ['headers', ['X-Mine: a\0b'], 'headers[0]'],
    ['headers', ['Content-Length: 0'], 'headers[0]'],
    ['headers', ['v: SIP/2.0/UDP 127.0.0.1'], 'headers[0]'],
    ['headers', [{ name: 'X-Mine\r\nVia', value: 'a', spelling: 'folded' }], 'headers[0].name'],
    ['headers', [{ name: 'X-Mine', value: 'a\r\n b', spelling: 'folded' }], 'headers[0].value'],
    ['headers', [{ name: 'X-Mine', value: 'a', spelling: 'upper' }], 'headers[0].spelling'],
    ['headers', [{ name: 'X-Mine', value: 'a' }], 'headers[0].spelling'],
    ['headers', [7], 'headers[0]'],
  ])('rejects %s = %j', (path, value, where) => {
    expect(complaint(() => checkVariant(but(row, path, value), 'mine/rows.ts'))).toContain(`mine/rows.ts: ${where}`);
  });

  it('rejects a control with headers', () => {
    expect(complaint(() => checkVariant({ ...row, kind: 'control' }, 'a.ts'))).toContain('a.ts: headers');
  });
});
