/**
 * The ways in which suites of this field have been green for the wrong reason, each tried on a real lab. A run that
 * claims anything here is the worst defect this project can have.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import type { Expectation } from '../../harness/model/results.ts';
import type { Subscriber } from '../../harness/model/server.ts';
import type { Cell } from '../../harness/plan/plan.ts';
import type { Lab } from '../../harness/run/lab.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { mortalSipp } from '../helpers/mortal-sipp.ts';
import { fakeSipp, smallRun } from '../helpers/small-run.ts';
import { whenRinging } from '../helpers/when-ringing.ts';
import { scratch } from '../setup/scratch.ts';

const NO_ANSWER = 'voicemail-no-answer';
const SECONDARY = 'target-class-secondary';
const WHILE_RINGING = 'missed-call-hangup-while-ringing';
const question = { situations: [NO_ANSWER], variants: [SECONDARY] };
const mustSuppress = (cell: Cell): Expectation => ({
  outcome: cell.control === null ? 'engaged' : 'suppressed',
  claims: ['the-test-says-so'],
  callee: 'unspecified',
  statuses: [],
});

const isCanary = ({ user }: Subscriber): boolean => /-c\d+$/.test(user);

describe.concurrent('a whole lab', () => {
  it('proves the negative: the control diverts, the header suppresses', async () => {
    const { cell, outcome } = await smallRun({ ...question, inTime: true });
    expect(outcome).toMatchObject({ ended: 'complete', trouble: null });
    expect(cell(NO_ANSWER, 'none')).toMatchObject({ verdict: 'pass', observed: { outcome: 'engaged' } });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'pass',
      observed: { outcome: 'suppressed', status: 487 },
    });
  });
});

describe.concurrent('is inconclusive, never green, when', () => {
  it('the trap is dead from the start', async () => {
    const { cell } = await smallRun({
      ...question,
      canaryTimeoutMs: 1500,
      onLab: (lab) => void lab.endpoints.voicemail.stop(),
    });
    for (const variant of ['none', SECONDARY]) expect(cell(NO_ANSWER, variant).verdict).toBe('inconclusive');
  });

  it('the trap dies while the call is under way', async () => {
    let lab: Lab | undefined;
    const { cell } = await smallRun({
      ...question,
      canaryTimeoutMs: 1500,
      onLab: (started) => {
        lab = started;
      },
      onProgress: ({ phase }) => {
        if (phase === 'window') void lab?.endpoints.voicemail.stop();
      },
    });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/after the window|during the call/),
    });
  });

  it('the control does not divert', async () => {
    const { cell } = await smallRun({
      ...question,
      // Only this run's cells: its canaries keep working, so nothing but the control can give it away.
      misprovision: (subscriber) => (isCanary(subscriber) ? subscriber : { ...subscriber, voicemail: false }),
    });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('control'),
    });
  });

  it('SIPp exits 0 having placed too few calls', async () => {
    await using own = await scratch();
    const sippBin = await fakeSipp(own.dir, 'set -- $(echo "$*" | sed "s/ -m [0-9]*/ -m 1/"); exec sipp "$@"');
    const { results } = await smallRun({ ...question, sippBin });
    expect(results.some((result) => /not placed/.test(result.why ?? ''))).toBe(true);
    expect(results.map((result) => result.verdict)).not.toContain('fail');
    expect(results.filter((result) => result.variant === SECONDARY).map((result) => result.verdict)).toEqual([
      'inconclusive',
    ]);
  });

  it('SIPp dies in mid-call', async () => {
    await using own = await scratch();
    const caller = await mortalSipp(own.dir);
    const changeSite = (site: LabSite): LabSite => whenRinging(site, 1, caller.kill);
    const { results } = await smallRun({ ...question, sippBin: caller.path, changeSite });
    expect(results.map((result) => result.verdict)).toEqual(['inconclusive', 'inconclusive']);
  });

  it('the caller never sent the header', async () => {
    await using own = await scratch();
    const sippBin = await fakeSipp(
      own.dir,
      'for file in headers-*.txt; do printf "Max-Forwards: 70" >"$file"; done; exec sipp "$@"',
    );
    const { cell } = await smallRun({ ...question, sippBin, inTime: true });
    expect(cell(NO_ANSWER, 'none').verdict).toBe('pass');
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('no header of any variant'),
    });
  });

  it("a callee's phone could not register", async () => {
    const { cell } = await smallRun({
      ...question,
      misprovision: (subscriber) => (isCanary(subscriber) ? subscriber : { ...subscriber, password: 'another' }),
    });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringContaining('REGISTER'),
    });
  });

  it('the only notification in the mailbox is an old one', async () => {
    const { cell } = await smallRun({
      situations: [WHILE_RINGING],
      variants: [SECONDARY],
      // The server sends no notice for these callees, and their mailboxes hold one from before.
      misprovision: (subscriber) => (isCanary(subscriber) ? subscriber : { ...subscriber, voicemail: false }),
      onLab: (lab) => {
        const mailbox = lab.voicemail.mailbox.bind(lab.voicemail);
        lab.voicemail.mailbox = (user) => [
          { kind: 'missed-call', by: 'server', atEpochMs: Date.now() - 60_000, callId: 'old' },
          ...mailbox(user),
        ];
      },
    });
    expect(cell(WHILE_RINGING, 'none')).toMatchObject({
      verdict: 'inconclusive',
      observed: { outcome: 'suppressed', notifications: [] },
    });
    expect(cell(WHILE_RINGING, SECONDARY).verdict).toBe('inconclusive');
  });

  it('the server dies under the calls; what is finished is kept', async () => {
    let lab: Lab | undefined;
    const { outcome, results } = await smallRun({
      ...question,
      canaryTimeoutMs: 1000,
      onLab: (started) => {
        lab = started;
      },
      onProgress: ({ phase }) => {
        if (phase === 'calls') void lab?.server.stop();
      },
    });
    expect(outcome).toMatchObject({ ended: 'failed', trouble: expect.stringContaining('ended during the run') });
    expect(results.map((result) => result.verdict)).toEqual(['inconclusive', 'inconclusive']);
  });
});

describe.concurrent('is red, not green, when', () => {
  it('the diversion comes when the window is nearly over', async () => {
    const { cell } = await smallRun({
      situations: [NO_ANSWER],
      variants: ['x-no-voicemail'],
      expectationOf: mustSuppress,
      slackMs: 600,
      inTime: true,
      // All waits together are 1400 ms, the window 2000. Kamailio's timers run up to 130 ms longer than they are told. Not
      // for canaries: by them the server would be late for everybody.
      misprovision: (subscriber) =>
        isCanary(subscriber) ? subscriber : { ...subscriber, waits: { ...subscriber.waits, totalMs: 1840 } },
    });
    expect(cell(NO_ANSWER, 'x-no-voicemail')).toMatchObject({ verdict: 'fail', observed: { outcome: 'engaged' } });
  });

  it('the header is not honoured', async () => {
    const { cell } = await smallRun({ ...question, policies: ['plain'], expectationOf: mustSuppress, inTime: true });
    expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('voice mail was reached'),
    });
  });

  it('the server rejects everything', async () => {
    const { cell } = await smallRun({
      situations: ['answered-by-callee'],
      variants: ['sensitivity-invalid'],
      expectationOf: () => ({ outcome: 'suppressed', claims: ['the-test-says-so'], callee: 'answers', statuses: [] }),
      inTime: true,
    });
    expect(cell('answered-by-callee', 'sensitivity-invalid')).toMatchObject({
      verdict: 'fail',
      why: expect.stringContaining('over-blocked'),
    });
  });
});

describe('cannot start, and says so, when', () => {
  it('SIPp is missing', async () => {
    await using own = await scratch();
    await expect(smallRun({ ...question, sippBin: join(own.dir, 'no-sipp') })).rejects.toThrow(
      /no-sipp.*apt-get install sip-tester/s,
    );
  });

  it('the server does not come up; nothing of the lab is left behind', async () => {
    const handles = (): number => process.getActiveResourcesInfo().filter((name) => /UDP|TCP/.test(name)).length;
    const before = handles();
    await expect(
      smallRun({ ...question, startServer: () => Promise.reject(new LabError('no server today')) }),
    ).rejects.toThrow('no server today');
    await expect.poll(handles).toBe(before);
  });
});
