/** What a campaign concludes: above all, that it can say no. */
import { describe, expect, it } from 'vitest';
import { type Campaign, campaignExitStatus, provedNothing } from '../../harness/sabotage/findings.ts';
import { noCell } from '../../harness/sabotage/matrix.ts';
import type { Sabotage } from '../../harness/sabotage/sabotage.ts';
import { renderTable } from '../../harness/sabotage/table.ts';
import { standingOf } from '../../harness/sabotage/words.ts';
import { suppressed } from '../helpers/observations.ts';
import {
  CONTROL,
  campaignOf,
  DECOY,
  SENSITIVITY,
  sabotage,
  TARGET_CLASS,
  trialWith,
  cells as tried,
} from './campaign-of.ts';

const NOTICED = { [TARGET_CLASS]: 'fail', [SENSITIVITY]: 'inconclusive' } as const;

/** One message each, which says of which cell and when. */
const seenOf = (time: string) => {
  const observations = new Map(
    [CONTROL, TARGET_CLASS, SENSITIVITY, DECOY].map((id) => {
      const message = { cseq: '1 INVITE', callId: id, raw: '', startLine: `INVITE ${time} ${id}` };
      return [id, suppressed({ lateMs: 21, messages: [{ atMs: 3, from: 'server', to: 'phone', ...message }] })];
    }),
  );
  const control = observations.get(CONTROL) ?? suppressed({});
  return { observations, controls: new Map([TARGET_CLASS, SENSITIVITY, DECOY].map((id) => [id, control])) };
};
const standings = (campaign: Campaign): string[] => campaign.findings.map(standingOf);

describe('a sabotage', () => {
  it('is noticed when every cell that it is meant for turns red or inconclusive', () => {
    const campaign = campaignOf([sabotage(), trialWith(NOTICED)]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['noticed'], 0]);
  });

  it('leaves a proven negative green when one stays pass: exit status 1, and the cell is named', () => {
    const campaign = campaignOf([sabotage(), trialWith({ [TARGET_CLASS]: 'fail' })]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['stayed green'], 1]);
    expect(campaign.findings[0]?.stayedGreen).toEqual([SENSITIVITY]);
    expect(renderTable(campaign)).toMatch(/1 of 2 stayed pass: voicemail-no-answer\/sensitivity-private-no-diversion/);
  });

  it('is not excused by being noticed in another repetition', () => {
    const campaign = campaignOf([
      sabotage(),
      trialWith(NOTICED),
      trialWith({ [SENSITIVITY]: 'fail' }),
      trialWith(NOTICED),
    ]);
    expect(campaign.findings[0]?.stayedGreen).toEqual([TARGET_CLASS]);
    expect(campaignExitStatus(campaign)).toBe(1);
  });

  it('may spare as many cells as it says, and no more', () => {
    const one = [sabotage({ spares: 1 }), trialWith({ [TARGET_CLASS]: 'fail' })] as const;
    const two = [sabotage({ spares: 1 }), trialWith({})] as const;
    expect([campaignExitStatus(campaignOf(one)), campaignExitStatus(campaignOf(two))]).toEqual([0, 1]);
  });

  it('is not meant for controls, nor for decoys that changed nothing', () => {
    const [finding] = campaignOf([sabotage(), trialWith(NOTICED)]).findings;
    expect(finding?.cells.flatMap(({ cell, meant }) => (meant ? cell : []))).toEqual([TARGET_CLASS, SENSITIVITY]);
    expect(finding?.cells.map(({ cell }) => cell)).toEqual([CONTROL, TARGET_CLASS, SENSITIVITY, DECOY]);
  });

  it('proves nothing when it did not take place: exit status 3', () => {
    const campaign = campaignOf([sabotage(), trialWith(NOTICED, { tookPlace: false })]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['no effect'], 3]);
  });

  it('proves nothing when its lab did not hold', () => {
    const campaign = campaignOf([sabotage(), trialWith(NOTICED, { ended: 'failed', trouble: 'the server ended' })]);
    expect([campaign.findings[0]?.noEffect, campaignExitStatus(campaign)]).toEqual([
      'its lab did not hold: the server ended',
      3,
    ]);
  });

  it('counts for nothing when the policy has no cell for it', () => {
    const campaign = campaignOf([sabotage({ meantFor: noCell }), trialWith({}, { tookPlace: false })]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['not tried'], 0]);
  });

  it('that stayed green counts for more than one that did not take place', () => {
    const campaign = campaignOf(
      [sabotage({ id: 'one' }), trialWith(NOTICED, { tookPlace: false })],
      [sabotage({ id: 'two' }), trialWith({})],
    );
    expect(campaignExitStatus(campaign)).toBe(1);
  });
});

describe('a lawful difference', () => {
  const lawful = sabotage({ meantFor: noCell, lawful: 'nothing-fails' });

  it('may make a cell inconclusive', () => {
    const campaign = campaignOf([lawful, trialWith({ [TARGET_CLASS]: 'inconclusive' })]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['harmless'], 0]);
  });

  it('must not make one fail', () => {
    const campaign = campaignOf([lawful, trialWith({ [CONTROL]: 'fail' })]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['false alarm'], 1]);
    expect(campaign.findings[0]?.falseAlarms).toEqual([CONTROL]);
  });

  it('is not tried where the policy itself forbids it, and the table says why', () => {
    const campaign = campaignOf([{ ...lawful, notOn: { 'ms-sipre': 'its source demands 480' } }]);
    expect([standings(campaign), campaignExitStatus(campaign)]).toEqual([['not tried'], 0]);
    expect(renderTable(campaign)).toContain('its source demands 480');
  });

  it('where nothing at all may change, must not make one inconclusive either', () => {
    const strict = sabotage({ meantFor: noCell, lawful: 'nothing-changes' });
    expect(campaignExitStatus(campaignOf([strict, trialWith({ [DECOY]: 'inconclusive' })]))).toBe(1);
    expect(campaignExitStatus(campaignOf([strict, trialWith({})]))).toBe(0);
  });
});

describe('a lab', () => {
  const { baseline } = campaignOf();
  const isIn = (each: Sabotage, ...[verdictOf, over]: Parameters<typeof trialWith>): boolean =>
    provedNothing(each, tried, baseline, trialWith(verdictOf, over));
  const late = { [DECOY]: 'inconclusive' } as const;

  it('proved nothing where a cell stayed late that its sabotage is not meant for', () => {
    expect(isIn(sabotage(), { ...NOTICED, ...late }, { late: [DECOY] })).toBe(true);
    expect(isIn(sabotage(), { ...NOTICED, ...late })).toBe(false);
    expect(isIn(sabotage(), NOTICED, { late: [SENSITIVITY] })).toBe(false);
  });

  it('proved nothing where cells that nothing may change are inconclusive', () => {
    const lawful = sabotage({ meantFor: noCell, lawful: 'nothing-changes' });
    expect(isIn(lawful, late)).toBe(true);
    expect(isIn(lawful, {})).toBe(false);
  });

  it('is not tried again where there is something to hold against anybody', () => {
    expect(isIn(sabotage(), { [SENSITIVITY]: 'fail', ...late }, { late: [DECOY] })).toBe(false);
    const lawful = sabotage({ meantFor: noCell, lawful: 'nothing-changes' });
    expect(isIn(lawful, { [CONTROL]: 'fail', ...late })).toBe(false);
  });

  it('is not tried again where it is broken to be late, or once, or nothing has to be proven', () => {
    const one = { ...NOTICED, ...late };
    expect(isIn(sabotage({ once: true }), one, { late: [DECOY] })).toBe(false);
    expect(isIn(sabotage({ meantFor: noCell, lawful: 'nothing-fails' }), late, { late: [DECOY] })).toBe(false);
  });
});

describe('the table', () => {
  it('has a row for each sabotage, with capitals where it is meant, and says why', () => {
    const text = renderTable(campaignOf([sabotage(), trialWith(NOTICED, { why: 'voice mail was reached' })]));
    expect(text).toMatch(/^baseline\s+p p p p$/m);
    expect(text).toMatch(/^made-up\s+p F I p {2}noticed$/m);
    expect(text).toContain('voicemail-no-answer/target-class-secondary pass → fail: voice mail was reached');
    expect(text).toContain('What this does not show:');
  });

  it('shows of several repetitions what somebody has to look at', () => {
    const lawful = sabotage({ id: 'lawful', meantFor: noCell, lawful: 'nothing-fails' });
    const text = renderTable(
      campaignOf(
        [sabotage(), trialWith(NOTICED), trialWith({ [TARGET_CLASS]: 'fail' })],
        [lawful, trialWith({}), trialWith({ [DECOY]: 'fail' })],
      ),
    );
    expect(text).toMatch(/^made-up\s+p F P p {2}stayed green$/m);
    expect(text).toMatch(/^lawful\s+p p p f {2}false alarm$/m);
  });

  it('shows what was seen of a cell that is as it must not be, with its control, and of no other', () => {
    const lawful = sabotage({ id: 'lawful', meantFor: noCell, lawful: 'nothing-fails' });
    const campaign = campaignOf(
      [sabotage(), trialWith(NOTICED, seenOf('first')), trialWith({ [SENSITIVITY]: 'fail' }, seenOf('second'))],
      [
        lawful,
        trialWith({ [DECOY]: 'inconclusive' }, seenOf('third')),
        trialWith({ [CONTROL]: 'fail' }, seenOf('fourth')),
      ],
    );
    const flows = campaign.findings.flatMap(({ cells }) =>
      cells.flatMap(({ cell, flow }) => (flow === null ? [] : [[cell, flow]])),
    );
    const line = (time: string, cell: string) => `     3.0 ms  server -> phone  INVITE ${time} ${cell}`;
    expect(flows).toEqual([
      [TARGET_CLASS, { lateMs: 21, call: line('second', TARGET_CLASS), control: line('second', CONTROL) }],
      [CONTROL, { lateMs: 21, call: line('fourth', CONTROL), control: null }],
    ]);
    const text = renderTable(campaign);
    expect(text).toContain(
      '  what was seen of voicemail-no-answer/target-class-secondary, the lab at most 21 ms late:\n',
    );
    expect(text).toContain(`    ${line('second', TARGET_CLASS)}\n  its control:\n    ${line('second', CONTROL)}\n`);
    expect(text).not.toMatch(/INVITE (first|third)/);
  });

  it('shows what came from the wire, and does not obey it', () => {
    const hostile = renderTable(campaignOf([sabotage(), trialWith({}, seenOf('a\u001b[2Jb'))]));
    expect(hostile).toContain('INVITE a\\x1B[2Jb');
    expect(hostile).not.toContain('\u001b');
    const text = renderTable(campaignOf([sabotage(), trialWith(NOTICED, { why: 'a\u001b[2Jb\nc' })]));
    expect(text).toContain('a\\x1B[2Jb\\x0Ac');
  });
});
