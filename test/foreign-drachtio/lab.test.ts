/** A whole lab whose phones and voice mail stand on servers in other processes, seen by their control protocol alone. */
import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import { ENDPOINT_ROLES } from '../../harness/model/words.ts';
import { scenarios } from '../../scenarios/index.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { placedInTime, type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { startServers } from './servers.ts';

const NO_ANSWER = 'voicemail-no-answer';
const SECONDARY = 'target-class-secondary';

/** What must not hang on where the record comes from. The 487 of a cancelled leg is the one thing that does. */
const substance = ({ id, verdict, why, observed }: CellResult) => ({
  id,
  verdict,
  why,
  outcome: observed.outcome,
  status: observed.status,
  calleeRang: observed.calleeRang,
  legs: observed.legs
    .map(({ role, rang, answered, result, endMs }) => `${role} ${result} ${rang} ${answered} ${endMs !== null}`)
    .toSorted(),
  notifications: observed.notifications.map(({ kind, by }) => `${kind} ${by}`),
});

/** By so much a lab may be late and still have every leg end as it must: the shortest timer of these situations, less what answers take. */
const LATE_MS = 200;

/** Of a lab that was late, no more than what it concludes: another leg may have taken the call, or the caller given up. */
function comparable(own: readonly CellResult[], others: readonly CellResult[]) {
  return own.map((result, index) => {
    const lateMs = Math.max(result.proof?.lateMs ?? 0, others[index]?.proof?.lateMs ?? 0);
    const { id, verdict } = result;
    return lateMs > LATE_MS ? { id, verdict } : substance(result);
  });
}

/** Of the warnings, those that say whose record is of which kind. */
const recordsSaid = ({ outcome }: SmallRunResult): string[] =>
  outcome.warnings.filter((warning) => warning.includes('the record of'));

// One lab after the other, and nothing beside them: what is compared must be in time.
describe('a lab on servers that are not ours', () => {
  it('comes to the same verdicts as on embedded ones, cell by cell', async () => {
    const question = {
      situations: scenarios.map(({ id }) => id),
      variants: [SECONDARY, 'sensitivity-private-no-diversion', 'target-class-secondary-folded'],
      inTime: true,
    };
    await using servers = await startServers(ENDPOINT_ROLES);
    const tapped = await smallRun({ ...question, drachtio: servers });
    const embedded = await smallRun(question);

    expect(comparable(tapped.results, embedded.results)).toEqual(comparable(embedded.results, tapped.results));
    expect(new Set(tapped.results.map(({ verdict }) => verdict))).not.toContain('inconclusive');
    const legs = tapped.results.flatMap(({ observed }) => observed.legs);
    const roles = ENDPOINT_ROLES.filter((role) => role !== 'canary');
    expect(new Set(legs.map(({ role }) => role))).toEqual(new Set(roles));
    const cancelled = legs.filter(({ result }) => result === 'cancelled');
    expect(cancelled.length).toBeGreaterThan(3);
    // Nobody saw the 487, so nobody says so.
    expect(new Set(cancelled.map(({ status }) => status))).toEqual(new Set([null]));
    expect(recordsSaid(tapped)).toEqual([expect.stringContaining(`the record of ${roles.join(', ')} is what`)]);
    expect(recordsSaid(embedded)).toEqual([]);
  });
});

// Whoever dies does so once in a lab: nothing that was late is called again there, and nothing may make it late.
describe('such a lab by itself', () => {
  it('judges what was finished when one of them dies, and nothing else', async () => {
    // One call a second, what lasts longest first: when those of the first batch are read, the last is not over, or has yet to begin.
    const variants = [SECONDARY, 'sensitivity-private-no-diversion', 'both-headers'];
    const place = async (): Promise<SmallRunResult> => {
      await using servers = await startServers(['voicemail']);
      return await smallRun({
        situations: [NO_ANSWER, 'voicemail-busy', 'simultaneous-ring-then-voicemail'],
        variants,
        drachtio: servers,
        rate: 1,
        batchCells: 16, // a quarter of it in the first
        canaryEveryMs: 300,
        onRead: ([first]) => {
          if (first?.scenario.id === NO_ANSWER) servers.kill('voicemail');
        },
      });
    };
    const finished = ({ cell }: SmallRunResult) => ['none', ...variants].map((each) => cell(NO_ANSWER, each));
    const run = await placedInTime(place, finished);
    for (const each of finished(run)) expect(each).toMatchObject({ verdict: 'pass', why: null });
    const { cell, results } = run;
    expect(cell('voicemail-busy', 'both-headers')).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/the drachtio server of voicemail on 127\.0\.0\.1:\d+ closed its control connection/),
    });
    expect(results.map(({ verdict }) => verdict)).not.toContain('fail');
  });
});

describe.concurrent('such a lab', () => {
  // Eight milliseconds is what a machine of two cores was seen to do; an hour is another time zone.
  it.for([-8, 8, -3_600_000])(
    'is not misled by a clock that is %d ms ahead',

    async (clockAheadMs) => {
      await using servers = await startServers(['team', 'voicemail'], { clockAheadMs });
      const { results } = await smallRun({
        situations: ['team-ring', NO_ANSWER],
        variants: [SECONDARY],
        drachtio: servers,
        inTime: true,
      });
      expect(results.map(({ id, verdict, why }) => [id, verdict, why])).toEqual(
        results.map(({ id }) => [id, 'pass', null]),
      );
    },
  );

  it('may be given one role of it alone', async () => {
    await using servers = await startServers(['voicemail']);
    const run = await smallRun({
      situations: [NO_ANSWER],
      variants: [SECONDARY],
      drachtio: servers,
      inTime: true,
    });
    const { cell } = run;
    expect(cell(NO_ANSWER, 'none')).toMatchObject({ verdict: 'pass', observed: { outcome: 'engaged' } });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({ verdict: 'pass', observed: { outcome: 'suppressed' } });
    expect(recordsSaid(run)).toEqual([expect.stringContaining('the record of voicemail is what')]);
  });

  it('says nothing of calls whose headers such a server keeps to itself', async () => {
    await using servers = await startServers(['voicemail']);
    const { cell } = await smallRun({
      situations: [NO_ANSWER],
      variants: [SECONDARY, 'sensitivity-private-no-diversion'],
      drachtio: servers,
      inTime: true,
      onLab: ({ site }) => {
        const ask = site.askOptions?.bind(site);
        site.askOptions = async (to, lines) =>
          lines.some((line) => line.startsWith('Ms-Target-Class')) ? 400 : (ask?.(to, lines) ?? null);
      },
    });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining(
        'a request with these headers to voicemail was answered 400 by the drachtio server there',
      ),
    });
    expect(cell(NO_ANSWER, 'sensitivity-private-no-diversion').verdict).toBe('pass');
  });

  it('does not start on one that another application is connected to', async () => {
    await using servers = await startServers(['voicemail']);
    const [control] = servers.servers.values();
    if (control === undefined) throw new Error('no server');
    using other = await RawControl.app({ control, secret: servers.secret }, ['invite']);
    await expect(smallRun({ situations: [NO_ANSWER], variants: [SECONDARY], drachtio: servers })).rejects.toThrow(
      /takes calls for somebody else/,
    );
    expect(await other.command('ping')).toEqual(['OK', 'pong']);
  });
});
