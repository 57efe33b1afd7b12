/** Cells on accounts that are few, through a real lab: what comes of them is what comes of accounts that are made. */
import { createSocket } from 'node:dgram';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pipeline, planned } from '../../harness/pipeline.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { processSite } from '../../harness/runtime/process/site.ts';
import type { ListedSet } from '../../harness/servers/lending.ts';
import { claims, scenarios, variants } from '../../scenarios/index.ts';
import { mortalSipp } from '../helpers/mortal-sipp.ts';
import { type SmallRun, type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { whenRinging } from '../helpers/when-ringing.ts';
import { scratch } from '../setup/scratch.ts';
import { account, CANARIES, FORWARD, lendingKamailio, POLICY, TEAM, TIMER } from './lending-kamailio.ts';

const SITUATIONS = [
  'voicemail-no-answer',
  'voicemail-busy',
  'voicemail-offline',
  'answered-by-callee',
  'forward-no-answer',
  'team-ring',
];
const KEPT_OUT = 'sensitivity-private-no-diversion';
const VARIANTS = ['none', 'target-class-secondary', KEPT_OUT, 'x-no-voicemail'];
const NO_RULES = { flags: [], lists: [] };

const lent = (sets: readonly ListedSet[], over: Partial<SmallRun> = {}): Promise<SmallRunResult> => {
  const server = lendingKamailio(sets);
  return smallRun({
    server,
    startServer: (site) => startServerProcess(server, site),
    policies: [POLICY],
    situations: SITUATIONS,
    variants: VARIANTS,
    inTime: true,
    ...over,
  });
};
const made = (over: Partial<SmallRun> = {}): Promise<SmallRunResult> =>
  smallRun({ policies: [POLICY], situations: SITUATIONS, variants: VARIANTS, inTime: true, ...over });

const saidOf = ({ results }: SmallRunResult): string[] =>
  results.map(({ situation, variant, verdict, observed, why }) =>
    [situation, variant, verdict, observed.outcome, observed.status, observed.calleeRang, why].join(' '),
  );

/** Notes who is called, task by task of the caller. */
const noting = (calls: string[][]) => (site: LabSite) => ({
  ...site,
  caller: {
    ...site.caller,
    version: site.caller.version,
    place: (task: Parameters<LabSite['caller']['place']>[0]) => {
      calls.push(task.calls.map(({ callee }) => callee));
      return site.caller.place(task);
    },
  },
});

describe.concurrent('lent accounts', () => {
  it('three sets: 24 cells in waves, as with accounts that are made', async () => {
    const calls: string[][] = [];
    const [all, few] = await Promise.all([
      made(),
      lent(
        [
          ...CANARIES,
          TIMER,
          ...['bob', '+442079460123', '1001'].map((user) => account(user)),
          account('dora', FORWARD),
          account('2001', TEAM),
        ],
        { changeSite: noting(calls) },
      ),
    ]);
    expect(few.results).toHaveLength(24);
    expect(few.outcome).toMatchObject({ ended: 'complete' });
    expect(few.outcome.warnings).not.toContainEqual(expect.stringContaining('whether'));
    expect(saidOf(few)).toEqual(saidOf(all));
    expect(calls.length).toBeGreaterThan(5);
    for (const task of calls) expect(new Set(task).size).toBe(task.length);
    expect(new Set(calls.flat())).toEqual(new Set(['bob', '+442079460123', '1001', 'dora', '2001']));
  });

  it('one set: the same, call by call; also for whoever has no phone after one who had', async () => {
    const selection = { situations: ['voicemail-busy', 'voicemail-offline'], variants: ['none', KEPT_OUT] };
    const [all, few] = await Promise.all([made(selection), lent([...CANARIES, account('bob')], selection)]);
    expect(few.results).toHaveLength(4);
    expect(saidOf(few)).toEqual(saidOf(all));
    expect(few.outcome.warnings).toContainEqual(expect.stringContaining('no account to spare'));
  });

  it('what no set has is unsupported, with the reason, and so is what no canary can watch', async () => {
    const { results } = await lent([account('carla', NO_RULES, 'canary'), account('bob'), account('2001', TEAM)], {
      situations: ['delegate-ring', 'team-ring', 'voicemail-busy'],
      variants: ['none'],
    });
    expect(Object.fromEntries(results.map(({ situation, verdict, why }) => [situation, `${verdict}: ${why}`]))).toEqual(
      {
        'delegate-ring':
          'unsupported: Kamailio with fixed accounts cannot be asked: it has no account for calls, under the policy ms-sipre, with voice mail, that may be disturbed, with the rules delegate_ring, delegates',
        'team-ring':
          'unsupported: Kamailio with fixed accounts cannot be asked: it has no account left for a canary to team, with team_ring, team',
        'voicemail-busy':
          'unsupported: Kamailio with fixed accounts cannot be asked: it has no account left for a canary to voicemail, with forward_immediate',
      },
    );
  });

  it('a call of an earlier wave that comes again late is not the next one`s, which has its account', async () => {
    const atVoiceMail: Buffer[] = [];
    const { cell, results } = await lent([...CANARIES, TIMER, account('bob')], {
      situations: ['voicemail-no-answer', 'voicemail-declined'],
      variants: ['none', KEPT_OUT],
      batchCells: 1, // the first is read and forgotten by then
      changeSite: (site) => comesAgain(site, { atVoiceMail, invite: 4 }),
    });
    const [first] = atVoiceMail;
    expect(atVoiceMail.filter((each) => first?.equals(each))).toHaveLength(2);
    expect(results.map(({ verdict, why }) => `${verdict} ${why}`)).toEqual(results.map(() => 'pass null'));
    expect(cell('voicemail-declined', KEPT_OUT).observed.legs.map(({ role }) => role)).toEqual(['phone']);
  });

  it('the way of a whole run, judged on its own thread, cell by cell in one account; an early end keeps what is over', async () => {
    for (const endAfter of [null, 2]) {
      await using folder = await scratch();
      await mkdir(join(folder.dir, 'lab'));
      const server = lendingKamailio([...CANARIES, TIMER, account('bob')]);
      const run = new AbortController();
      const calls: string[][] = [];
      const { results } = await pipeline({
        planned: planned({
          server,
          transport: 'udp',
          scenarios,
          variants,
          claims,
          selection: { policies: [POLICY], situations: ['voicemail-busy'], variants: ['none', KEPT_OUT], filters: [] },
        }),
        openRuntime: async (workDir) => {
          const open = processSite({
            startServer: (site) => startServerProcess(server, site),
            sipp: { path: 'sipp', version: 'test' },
            workDir,
          });
          return {
            id: 'process',
            openSite: async (options) => {
              const site = noting(calls)(await open(options));
              const place = (task: Parameters<LabSite['caller']['place']>[0]) => {
                if (calls.length + 1 === endAfter) run.abort();
                return site.caller.place(task);
              };
              return { ...site, caller: { ...site.caller, place } };
            },
            [Symbol.asyncDispose]: async () => {},
          };
        },
        name: { id: 'lent', token: 'lent' },
        reportDir: folder.dir,
        renderers: [],
        rate: 100,
        concurrency: 100,
        repeat: 1,
        rerunOptions: '',
        asserted: new Map(),
        signal: run.signal,
      });
      const said = results.cells.map(({ variant, verdict, observed }) => `${variant} ${verdict} ${observed.outcome}`);
      if (endAfter === null) {
        expect(said).toEqual([`none pass engaged`, `${KEPT_OUT} pass suppressed`]);
        expect(calls).toEqual([['bob'], ['bob']]);
      } else {
        expect(results.run.ended).toBe('cancelled');
        expect(said[0]).toBe('none pass engaged');
        expect(said[1]).toMatch(/inconclusive/);
      }
    }
  });

  it('nobody else is called where a call never ends', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
    try {
      // Of the first calls, which nothing keeps out, the caller is gone when both ring, or soon after: nobody ever hangs up.
      const caller = await mortalSipp(dir, 'first');
      const notCalled = ['priority-psap-callback', 'x-no-voicemail'];
      const calls: string[][] = [];
      const { results, outcome } = await lent([...CANARIES, TIMER, account('bob'), account('bea')], {
        situations: ['voicemail-no-answer'],
        variants: ['none', 'target-class-primary', ...notCalled],
        greetingMs: 30_000,
        sippBin: caller.path,
        inTime: false,
        openCallTimeoutMs: 100,
        changeSite: (site) => noting(calls)(whenRinging(site, ['bob', 'bea'], caller.kill)),
      });
      expect(outcome).toMatchObject({ ended: 'failed' });
      expect(outcome.warnings).toContainEqual(expect.stringContaining('calls to bob, bea were not over'));
      expect(calls).toEqual([['bob', 'bea']]);
      expect(outcome.trouble).toContain('no account is left for ');
      const verdicts = new Map(results.map(({ variant, verdict }) => [variant, verdict]));
      for (const variant of notCalled) expect(verdicts.get(variant)).toBe('inconclusive');
    } finally {
      await rm(dir, { recursive: true, force: true });
    }
  });
});

/** With the so manyeth INVITE to bob's phone, voice mail gets the INVITE of his first call once more. */
function comesAgain(site: LabSite, { atVoiceMail, invite }: { atVoiceMail: Buffer[]; invite: number }): LabSite {
  let invites = 0;
  let voicemail = { host: '', port: 0 };
  return {
    ...site,
    startSipServer: async (role, record) => {
      const server = await site.startSipServer(role, (each) => {
        record(each);
        const text = each.bytes.toString('latin1');
        if (each.direction !== 'in' || !/^INVITE [\s\S]*^To:.*sip:bob@/m.test(text)) return;
        if (role === 'voicemail') atVoiceMail.push(each.bytes);
        if (role !== 'phone' || ++invites !== invite) return;
        const socket = createSocket('udp4');
        socket.send(atVoiceMail[0] ?? '', voicemail.port, voicemail.host, () => socket.close());
      });
      if (role === 'voicemail') voicemail = server.sip;
      return server;
    },
  };
}
