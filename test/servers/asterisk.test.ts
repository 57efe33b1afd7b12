/** Asterisk with each of its two dialplans, through a real lab. */
import { describe, expect, it, type TestContext } from 'vitest';
import { makeAccounts, rulesOf } from '../../harness/servers/asterisk/accounts.ts';
import { ASTERISK, ASTERISK_HEADERS } from '../../harness/servers/asterisk/asterisk.ts';
import type { Server } from '../../harness/servers/server.ts';
import { scenarios } from '../../scenarios/index.ts';
import type { SmallRun, SmallRunResult } from '../helpers/small-run.ts';
import { runOnAsterisk } from './on-asterisk.ts';

const CLASS = 'target-class-secondary';
const NO_DIVERSION = 'sensitivity-private-no-diversion';
/** All of the matrix in which something is diverted. */
const DIVERTED = scenarios
  .filter((each) => each.kind === 'diversion' && ASTERISK.lacks(each) === null)
  .map(({ id }) => id);

const runOn = (
  context: TestContext,
  server: Server,
  wanted: SmallRun,
  editConfig?: (text: string, name: string) => string,
): Promise<SmallRunResult> => runOnAsterisk(context, server, { rate: 40, ...wanted }, editConfig);

const verdictsOf = ({ results }: SmallRunResult) => results.map(({ id, verdict, why }) => [id, verdict, why]);

describe.concurrent('asterisk', () => {
  it('diverts in every way that it can be asked for, whatever the header', async (context) => {
    const run = await runOn(context, ASTERISK, {
      situations: [...DIVERTED, 'direct-to-voicemail', 'answered-by-callee'],
      variants: ['none', CLASS, NO_DIVERSION],
    });
    expect(run.outcome).toMatchObject({ ended: 'complete', trouble: null, server: { id: 'asterisk' } });
    for (const { id, situation, verdict, why, observed } of run.results) {
      const outcome = situation === 'answered-by-callee' ? 'suppressed' : 'engaged';
      expect([id, verdict, why, observed.outcome]).toEqual([id, 'pass', null, outcome]);
    }
  });

  it('fails where a header is to keep the call out', async (context) => {
    const mustNot = { outcome: 'suppressed', claims: ['x'], callee: 'unspecified', statuses: [] } as const;
    const situations = ['voicemail-busy', 'forward-immediate', 'team-ring'];
    const { cell } = await runOn(context, ASTERISK, { situations, variants: [CLASS], expectationOf: () => mustNot });
    for (const situation of situations) expect(cell(situation, CLASS).verdict).toBe('fail');
  });

  it('says of every situation whether it has it', () => {
    expect(scenarios.filter((each) => ASTERISK.lacks(each) !== null).map(({ id }) => id)).toEqual(['delegates-only']);
    const [scenario] = scenarios;
    if (scenario === undefined) throw new Error('no scenarios');
    const blocks = { ...scenario, subscriber: { ...scenario.subscriber, flags: ['block' as const] } };
    expect(ASTERISK.lacks(blocks)).toMatch(/^it /);
    expect(ASTERISK.lacks({ ...scenario, callee: 'decline-everywhere' })).toMatch(/^it /);
  });
});

describe.concurrent('asterisk-headers', () => {
  it('obeys both headers as the specification says, and others not at all', async (context) => {
    const run = await runOn(context, ASTERISK_HEADERS, {
      situations: [...DIVERTED, 'answered-by-callee'],
      variants: ['none', CLASS, 'target-class-secondary-folded', NO_DIVERSION, 'sensitivity-invalid', 'x-no-voicemail'],
    });
    const unspecified = run.results.filter(({ verdict }) => verdict === 'unspecified').map(({ id }) => id);
    expect(verdictsOf(run).filter(([id, verdict]) => verdict !== 'pass' && !unspecified.includes(`${id}`))).toEqual([]);
    // The specification is silent on delegates and missed calls.
    for (const id of unspecified) expect(id).toMatch(/\/(delegate-ring|missed-call-[a-z-]+)\/sensitivity-/);
    for (const situation of DIVERTED) {
      expect(run.cell(situation, 'none').observed.outcome).toBe('engaged');
      expect(run.cell(situation, CLASS).observed).toMatchObject({ outcome: 'suppressed' });
      expect(run.cell(situation, 'x-no-voicemail').observed.outcome).toBe('engaged');
      expect(run.cell(situation, 'sensitivity-invalid').observed.status).toBe(400);
    }
    expect(run.cell('simultaneous-ring', NO_DIVERSION).observed.outcome).toBe('engaged');
    expect(run.cell('team-ring', NO_DIVERSION).observed.outcome).toBe('suppressed');
  });

  it.for([
    ['forgets to take voice mail out', 'Set(VOICEMAIL=)', 'voicemail-no-answer'],
    ['forgets to take forwarding out', 'Set(FORWARD=)', 'forward-no-answer'],
    ['forgets to take the team out', 'Set(TEAM=)', 'team-ring'],
    ['rings who diverts all calls', 'Set(FORWARD=)', 'forward-immediate', 'Set(DIVERT_ALL=)'],
  ] as const)('is red when the dialplan %s', async ([, line, situation, instead = 'NoOp()'], context) => {
    const edited: string[] = [];
    const broken = (text: string, name: string): string => {
      if (name !== 'headers.conf') return text;
      edited.push(name);
      const without = text.replaceAll(line, instead);
      if (without === text) throw new Error(`no ${line} in ${name}`);
      return without;
    };
    const variants = ['none', NO_DIVERSION];
    const { cell } = await runOn(context, ASTERISK_HEADERS, { situations: [situation], variants }, broken);
    expect(edited).toEqual(['headers.conf']);
    expect(cell(situation, 'none').verdict).toBe('pass');
    expect(cell(situation, NO_DIVERSION).verdict).toBe('fail');
  });

  it('proves nothing of voice mail when its dialplan leads nobody there', async (context) => {
    const variants = ['none', NO_DIVERSION];
    const { cell } = await runOn(
      context,
      ASTERISK_HEADERS,
      { situations: ['voicemail-busy'], variants },
      (text, name) => (name === 'dialplan.conf' ? text.replace(/Set\(VOICEMAIL=.*\)$/m, 'Set(VOICEMAIL=)') : text),
    );
    expect(cell('voicemail-busy', NO_DIVERSION)).toMatchObject({ verdict: 'inconclusive' });
    expect(cell('voicemail-busy', 'none').verdict).toBe('inconclusive');
  });
});

describe('accounts of Asterisk', () => {
  const voicemail = { host: '127.0.0.9', port: 5070 };
  const alice = {
    user: 'alice-abcd-1',
    policy: 'plain',
    password: 'secret',
    flags: ['enablecf', 'team_ring'],
    lists: {
      forwardto: ['sip:forward-abcd-1@127.0.0.2:5060'],
      simultaneous_ring: ['sip:mobile-abcd-1@127.0.0.3:5060'],
      team: ['sip:team-abcd-1@plain.test'],
      delegates: [],
      breakthrough: [],
    },
    waits: { totalMs: 600, userMs: 200, team2Ms: 1000 },
    voicemail: true,
    doNotDisturb: false,
  } as const;

  it('hold what is set up, in the order in which the dialplan reads it, and nothing that is switched off', () => {
    expect(rulesOf({ voicemail }, alice).split(',')).toEqual([
      'sip:alice-abcd-1@127.0.0.9:5070',
      '',
      'sip:forward-abcd-1@127.0.0.2:5060',
      '1.200',
      '',
      'PJSIP/team-abcd-1',
      '',
      '0.200',
    ]);
    const busyMan = { ...alice, flags: [], voicemail: false, doNotDisturb: true } as const;
    expect(rulesOf({ voicemail }, busyMan)).toBe(',yes,,0.600,,,,0.200');
  });

  it('are missing, with the name, when Asterisk is not there to make them', async () => {
    const maker = { ari: { host: '127.0.0.1', port: 1 }, password: 'x', host: '127.0.0.1', voicemail };
    await expect(makeAccounts(maker, [alice])).rejects.toThrow(/Asterisk did not take the auth of alice-abcd-1: /);
  });
});
