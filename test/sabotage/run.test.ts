/** Real labs: the relay that changes nothing, and what the labs of sabotages leave behind. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runCampaign } from '../../harness/sabotage/campaign.ts';
import { type Campaign, campaignExitStatus } from '../../harness/sabotage/findings.ts';
import { recordedOnlyIf } from '../../harness/sabotage/lab/recorders.ts';
import { keptFrom, sabotageCells } from '../../harness/sabotage/matrix.ts';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { NOTHING_BROKEN, type Sabotage } from '../../harness/sabotage/sabotage.ts';
import { standingOf } from '../../harness/sabotage/words.ts';
import { fakeSipp } from '../helpers/small-run.ts';
import { sabotage } from './campaign-of.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

interface Tried {
  readonly sabotages: readonly Sabotage[];
  readonly sippBin?: string;
  readonly policy?: 'ms-sipre' | 'plain';
  readonly signal?: AbortSignal;
  readonly onProgress?: (text: string) => void;
}

/** Calls to voice mail only: the others would take as long again. */
function campaign({ sippBin = 'sipp', policy = 'ms-sipre', signal, ...over }: Tried): Promise<Campaign | null> {
  return runCampaign({
    cells: sabotageCells(policy).filter(({ scenario }) => scenario.id === 'voicemail-no-answer'),
    workDir: join(dir, 'lab'),
    tools: { sipp: { path: sippBin, version: 'test' }, kamailio: { path: 'kamailio' } },
    repeat: 1,
    concurrency: 5,
    onProgress: () => {},
    signal: signal ?? new AbortController().signal,
    ...over,
  });
}

const named = (...ids: readonly string[]): Sabotage[] => sabotages.filter(({ id }) => ids.includes(id));

describe('a campaign on real labs', () => {
  it('notices what is wrong, leaves alone what is lawful, and says no to what only looks so', async () => {
    const [obeysNothing] = named('obeys-nothing');
    if (obeysNothing === undefined) throw new Error('obeys-nothing is gone');
    const result = await campaign({
      sabotages: [
        ...named('relay-that-passes-everything', 'header-lost-on-the-path'),
        sabotage({ id: 'changes-nothing', meantFor: keptFrom('voicemail') }),
        { ...obeysNothing, id: 'called-lawful', meantFor: () => false, lawful: 'nothing-fails' },
        { ...obeysNothing, id: 'never-happens', begin: () => ({ ...obeysNothing.begin(), tookPlace: () => false }) },
      ],
    });
    expect(result?.findings.map((each) => [each.id, standingOf(each)])).toEqual([
      ['relay-that-passes-everything', 'harmless'],
      ['header-lost-on-the-path', 'noticed'],
      ['changes-nothing', 'stayed green'],
      ['called-lawful', 'false alarm'],
      ['never-happens', 'no effect'],
    ]);
    expect(result && campaignExitStatus(result)).toBe(1);
    // Each server's configuration is kept as it ran.
    const configOf = (id: string): Promise<string> => readFile(join(dir, 'lab', id, 'kamailio.cfg'), 'utf8');
    const [broken, whole] = await Promise.all([configOf('called-lawful'), configOf('baseline')]);
    expect(broken).not.toBe(whole);
  });
});

describe('the lab of a lawful difference', () => {
  /** Voice mail keeps no record in the first labs of each. */
  const blindAtFirst = (id: string, labs: number, lawful: NonNullable<Sabotage['lawful']>): Sabotage => {
    let begun = 0;
    return sabotage({
      id,
      lawful,
      meantFor: () => false,
      begin: () => {
        begun += 1;
        return begun > labs
          ? NOTHING_BROKEN
          : { ...NOTHING_BROKEN, changeSite: recordedOnlyIf('voicemail', () => false) };
      },
    });
  };

  it('that proved nothing is tried once more, alone', async () => {
    const said: string[] = [];
    const result = await campaign({
      sabotages: [
        blindAtFirst('once', 1, 'nothing-changes'),
        blindAtFirst('twice', 2, 'nothing-changes'),
        blindAtFirst('for-which-that-is-no-matter', 1, 'nothing-fails'),
      ],
      onProgress: (text) => said.push(text),
    });
    expect(result?.findings.map((each) => [each.id, standingOf(each)])).toEqual([
      ['once', 'harmless'],
      ['twice', 'false alarm'],
      ['for-which-that-is-no-matter', 'harmless'],
    ]);
    // In the order in which they were over.
    expect(said.slice(-2).map((text) => text.replace(/; .*/, ''))).toEqual([
      '0 of 2 labs tried again, one after the other',
      '1 of 2 labs tried again, one after the other',
    ]);
    expect(new Set(said.slice(-2).map((text) => text.replace(/.*; /, '')))).toEqual(new Set(['once', 'twice']));
  });
});

describe('a campaign that cannot be', () => {
  it('does not go on from a baseline that is not as it should be', async () => {
    const sippBin = await fakeSipp(dir, ': >messages.log');
    await expect(campaign({ sabotages: named('obeys-nothing'), sippBin })).rejects.toThrow(
      /baseline is not as it should be.*not placed/s,
    );
  });

  it('has nothing to attack where no header does anything', async () => {
    await expect(campaign({ sabotages: named('obeys-nothing'), policy: 'plain' })).rejects.toThrow(
      /plain keeps no call out of anything/,
    );
  });

  it('names the sabotage whose lab did not come up', async () => {
    const unable = sabotage({
      id: 'no-server',
      begin: () => ({ editConfig: () => 'nonsense', tookPlace: () => true }),
    });
    await expect(campaign({ sabotages: [unable] })).rejects.toThrow(/the lab of sabotage no-server: .*kamailio/s);
  });

  it('is null when it was cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    expect(await campaign({ sabotages: named('obeys-nothing'), signal: controller.signal })).toBeNull();
  });
});
