import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { headerLines } from '../harness/model/header-lines.ts';
import { FEATURES, POLICIES, TRAPS } from '../harness/model/words.ts';
import { expectation } from '../harness/oracle/index.ts';
import { checkScenario, checkVariant } from '../harness/plan/scenario-check.ts';
import { claims, everySituation as scenarios, sentences, everyRow as variants } from '../scenarios/index.ts';

const folder = new URL('../scenarios/', import.meta.url);
const claimIds = new Set(claims.map((claim) => claim.id));
const scenarioIds = scenarios.map((each) => each.id);
const variantIds = variants.map((each) => each.id);

/** Ids are promises: results of earlier runs, reports and users' filters hold them. More may come; none of these may go. */
const SITUATIONS = [
  'voicemail-no-answer',
  'voicemail-busy',
  'voicemail-declined',
  'voicemail-offline',
  'voicemail-do-not-disturb',
  'voicemail-immediate',
  'forward-no-answer',
  'forward-immediate',
  'simultaneous-ring',
  'team-ring',
  'delegate-ring',
  'missed-call-hangup-while-ringing',
  'missed-call-hangup-in-greeting',
  'answered-by-callee',
  'direct-to-voicemail',
  'simultaneous-ring-then-voicemail',
  'team-ring-then-forward',
  'team-ring-then-voicemail',
  'voicemail-then-missed-call',
  'group-agent-voicemail',
  'group-agent-forward',
  'group-agent-mobile',
  'group-agent-team',
  'group-serial-missed-call',
  'group-parallel-missed-call',
  'group-round-robin-voicemail',
  'group-round-robin-missed-call',
  'group-agent-busy',
  'voicemail-without-forwarding',
  'voicemail-without-team',
  'hang-up-on-automata',
  'hang-up-on-server',
  'hang-up-on-forwarded',
  'hang-up-on-history-info',
  'hang-up-on-automata-and-server',
  'hang-up-on-automata-and-forwarded',
  'hang-up-on-automata-and-history-info',
  'hang-up-on-server-and-forwarded',
  'hang-up-on-server-and-history-info',
  'hang-up-on-forwarded-and-history-info',
  'hang-up-on-any-sign',
  'hang-up-without-signs',
  'hang-up-on-carrier',
  'hang-up-on-person-forwarded',
  'hang-up-spares-forwarded',
  'hang-up-spares-callee',
  'cancelled-by-caller',
  'cancelled-by-caller-heeded',
  'cancelled-by-answer',
  'cancelled-by-timer',
];
const ROWS = [
  'none',
  'target-class-secondary',
  'target-class-secondary-lowercase-name',
  'target-class-secondary-uppercase-value',
  'target-class-secondary-padded',
  'target-class-secondary-folded',
  'target-class-secondary-repeated',
  'target-class-primary',
  'target-class-unknown',
  'sensitivity-normal',
  'sensitivity-private',
  'sensitivity-normal-no-diversion',
  'sensitivity-private-no-diversion',
  'sensitivity-mixed-case',
  'sensitivity-invalid',
  'sensitivity-repeated',
  'both-headers',
  'request-disposition-no-fork',
  'request-disposition-no-redirect',
  'reject-contact-automata',
  'reject-contact-msg-taker',
  'accept-contact-principal',
  'answer-mode-manual',
  'priority-psap-callback',
  'x-no-voicemail',
  'cancel-completed-elsewhere',
  'cancel-completed-elsewhere-q850',
];

const twice = (ids: readonly string[]): string[] => ids.filter((id, index) => ids.indexOf(id) !== index);
const byId = (a: WithId, b: WithId): number => a.id.localeCompare(b.id);
const idsOf = (all: readonly WithId[]): string[] => all.map(({ id }) => id).toSorted();

interface WithId {
  readonly id: string;
}

/** The entries of all lists that the files of a folder export. */
async function writtenIn(where: URL): Promise<WithId[]> {
  const files = readdirSync(where).filter((name) => name.endsWith('.ts') && name !== 'index.ts');
  const modules = await Promise.all(files.map((name): Promise<object> => import(new URL(name, where).href)));
  return modules.flatMap((module) => Object.values(module).filter(Array.isArray).flat());
}

describe('scenarios', () => {
  it('have the ids that were promised, each once', () => {
    expect(scenarioIds).toEqual(expect.arrayContaining(SITUATIONS));
    expect(twice(scenarioIds)).toEqual([]);
  });

  it.each(scenarios)('$id is well-formed', (scenario) => {
    expect(checkScenario(scenario, 'scenarios/')).toBe(scenario);
  });

  it('are all listed: no file is forgotten', async () => {
    const written = await writtenIn(folder);
    expect(written.length).toBeGreaterThan(10);
    expect(idsOf(scenarios)).toEqual(idsOf(written));
    expect(scenarios.toSorted(byId)).toEqual(written.toSorted(byId));
  });

  it('exercise every feature and set every trap', () => {
    expect(new Set(scenarios.map((each) => each.feature))).toEqual(new Set(FEATURES));
    expect(new Set(scenarios.map((each) => each.trap))).toEqual(new Set(TRAPS));
  });

  it.each(scenarios)(
    '$id has waits that keep their order and leave the caller time',
    ({ subscriber, caller, callee }) => {
      const { totalMs, userMs, team2Ms } = subscriber.waits;
      expect(userMs).toBeLessThan(totalMs);
      expect(totalMs + userMs + team2Ms).toBeLessThanOrEqual(5000);
      // The ringing and the CANCEL may each be as late as the slack: what is later than that is told, and proves nothing.
      if (caller === 'hang-up-while-ringing') expect(totalMs).toBeGreaterThanOrEqual(200 + 2 * 1000);
      if (typeof callee === 'object') expect(callee.answerAfterMs).toBeLessThan(totalMs / 2);
    },
  );

  it.each(scenarios)('$id fills the lists that its flags need', ({ subscriber: { flags, lists }, application }) => {
    const needs = {
      enablecf: 'forwardto',
      simultaneous_ring: 'simultaneous_ring',
      team_ring: 'team',
      delegate_ring: 'delegates',
    } as const;
    for (const [flag, list] of Object.entries(needs)) {
      // The next agent of a group is no delegate who rings along.
      if (application?.next === 'delegate' && list === 'delegates') continue;
      expect(
        flags.some((each) => each === flag),
        flag,
      ).toBe(lists.some((each) => each === list));
    }
  });
});

describe('variants', () => {
  it('have the ids that were promised, each once', () => {
    expect(variantIds).toEqual(expect.arrayContaining(ROWS));
    expect(twice(variantIds)).toEqual([]);
  });

  it('are all listed: no file is forgotten', async () => {
    expect(idsOf(variants)).toEqual(idsOf(await writtenIn(new URL('variants/', folder))));
  });

  it.each(variants)('$id is well-formed and cites claims that exist', (variant) => {
    expect(checkVariant(variant, 'scenarios/variants')).toBe(variant);
    expect(variant.claims.filter((id) => !claimIds.has(id))).toEqual([]);
    if (variant.kind !== 'control') expect(variant.claims).not.toEqual([]);
  });

  it('send header lines that no other row sends', () => {
    expect(
      twice(
        variants.map((variant) => [...headerLines(variant), 'on CANCEL', ...(variant.onCancel ?? [])].join('\r\n')),
      ),
    ).toEqual([]);
  });

  it('have one control, and it comes first', () => {
    expect(variants.filter((each) => each.kind === 'control').map((each) => each.id)).toEqual(['none']);
    expect(variants[0]?.id).toBe('none');
  });
});

describe('claims', () => {
  it.each(claims)('$id says who, where and when', ({ id, statement, source }) => {
    expect(id).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(statement).toMatch(/^[A-Z0-9].+\.$/s);
    expect(source.title).not.toBe('');
    expect(new URL(source.url).protocol).toBe('https:');
    expect(source.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
    expect(Date.parse(source.readOn)).toBeLessThanOrEqual(Date.now());
  });

  it('have unique ids, as scenarios and variants have', () => {
    expect(twice(claims.map(({ id }) => id))).toEqual([]);
  });

  it.each(claims)('$id tests cells that exist', ({ test = [] }) => {
    for (const part of test) {
      const rows = part.says === 'same-as' ? [...part.variants, part.variant] : part.variants;
      expect(rows.filter((id) => !variantIds.includes(id))).toEqual([]);
      expect(part.situations.filter((id) => !scenarioIds.includes(id))).toEqual([]);
      expect(part.variants.length * part.situations.length).toBeGreaterThan(0);
    }
  });

  it('are all used: by a row, an expectation, or a test of their own', () => {
    const cited = new Set([
      ...variants.flatMap((variant) => variant.claims),
      ...POLICIES.flatMap((policy) =>
        scenarios.flatMap((scenario) => variants.flatMap((row) => expectation(policy, scenario, row).claims)),
      ),
      ...claims.filter((claim) => claim.test !== undefined).map((claim) => claim.id),
    ]);
    // Grounds of situations that only users' own scenarios make, and one that names a header.
    const reserve = [
      'blog-response-group-header',
      'missed-call-message-left',
      'help-offline-team',
      'ms-sipre-delegates-do-not-disturb',
      'ms-sipre-block',
      'decline-605-stops',
    ];
    expect([...claimIds].filter((id) => !cited.has(id)).toSorted()).toEqual(reserve.toSorted());
  });
});

describe('sentences of the post and the comment', () => {
  it.each(sentences)('"$gist" is exercised, or says why it cannot be', ({ gist, claims: ids, beyond }) => {
    expect(gist).toMatch(/^[A-Z].+\.$/);
    expect(ids.length).toBeGreaterThan(0);
    const made = ids.map((id) => claims.find((claim) => claim.id === id));
    expect(made).not.toContain(undefined);
    const without = made.filter((claim) => (claim?.test ?? []).length === 0);
    expect(without.length > 0).toBe(beyond !== undefined);
  });

  it('have all claims of the two sources between them', () => {
    const named = new Set(sentences.flatMap((sentence) => sentence.claims));
    const seeds = claims.filter(({ source }) => source.url.includes('blog.greenl.ee'));
    expect(seeds.filter(({ id }) => !named.has(id))).toEqual([]);
  });
});
