/** Faults of the lab, and servers that stand still, each tried on a real lab: none may prove anything, or accuse anybody. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sippLaunchedBy } from '../../harness/callers/sipp/sipp-caller.ts';
import type { SippLauncher } from '../../harness/callers/sipp/sipp-run.ts';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import type { Expectation } from '../../harness/model/results.ts';
import type { Cell } from '../../harness/plan/plan.ts';
import type { LabSite } from '../../harness/run/site.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { fakeSipp, smallRun } from '../helpers/small-run.ts';
import { whenRinging } from '../helpers/when-ringing.ts';
import { scratch } from '../setup/scratch.ts';

const NO_ANSWER = 'voicemail-no-answer';
const WHILE_RINGING = 'missed-call-hangup-while-ringing';
const SECONDARY = 'target-class-secondary';
const question = { situations: [NO_ANSWER], variants: [SECONDARY] };
/** Longer than any wait of the callees, shorter than a canary is waited for. */
const STANDS_STILL_MS = 2600;
const HEADER = 'Ms-Target-Class';

const withLauncher =
  (change: (launch: SippLauncher) => SippLauncher) =>
  (site: LabSite): LabSite => ({
    ...site,
    caller: sippLaunchedBy(site.caller, change),
  });
const withClock = (aheadMs: number) =>
  withLauncher((launch) => async (run) => {
    const sipp = await launch(run);
    return { exited: sipp.exited, stop: () => sipp.stop(), clockAheadMs: -aheadMs };
  });

it.concurrent('a server that stands still between two canaries proves nothing', async () => {
  let server: ServerProcess | undefined;
  const frozen = Promise.withResolvers<void>();
  const { cell } = await smallRun({
    ...question,
    policies: ['plain'], // it disobeys
    expectationOf: mustSuppress,
    startServer: async (site) => {
      server = await startKamailio(site);
      return server;
    },
    changeSite: (site) =>
      whenRinging(site, 2, () => {
        const group = -(server?.pid ?? 0);
        process.kill(group, 'SIGSTOP');
        setTimeout(() => {
          process.kill(group, 'SIGCONT');
          frozen.resolve();
        }, STANDS_STILL_MS);
      }),
  });
  await frozen.promise;
  const frozenCell = cell(NO_ANSWER, SECONDARY, 'plain');
  expect(frozenCell.proof?.lateMs).toBeGreaterThan(1000);
  expect(frozenCell.verdict).toBe('inconclusive');
});

describe.concurrent('clocks that do not agree prove nothing', () => {
  it.for([1000, -1000, 600_000])('by %i ms', async (aheadMs) => {
    const { cell, outcome } = await smallRun({
      situations: [NO_ANSWER, WHILE_RINGING],
      variants: [SECONDARY],
      changeSite: withClock(aheadMs),
    });
    expect(outcome.ended).toBe('complete');
    for (const situation of [NO_ANSWER, WHILE_RINGING]) {
      for (const variant of ['none', SECONDARY]) {
        expect(cell(situation, variant)).toMatchObject({
          verdict: 'inconclusive',
          why: expect.stringMatching(/clock/),
        });
      }
    }
  });
});

it.concurrent('a trace that lies about the header proves nothing', async () => {
  const forge = fileURLToPath(new URL('fixtures/forging-sipp.js', import.meta.url));
  await using own = await scratch();
  const sippBin = await fakeSipp(own.dir, `exec '${process.execPath}' '${forge}' "$@"`);
  const { cell } = await smallRun({ situations: [NO_ANSWER], variants: ['x-no-voicemail'], sippBin, inTime: true });
  expect(cell(NO_ANSWER, 'x-no-voicemail')).toMatchObject({
    verdict: 'inconclusive',
    observed: { outcome: 'engaged' },
    why: expect.stringContaining('did not get the header x-no-voicemail, which this server passes on'),
  });
});

it.concurrent('a path that drops what carries the header does not accuse the server', async () => {
  const { cell } = await smallRun({
    ...question,
    changeSite: (site) => ({
      ...site,
      startSipServer: (role, record) =>
        role !== 'phone'
          ? site.startSipServer(role, record)
          : DrachtioServer.start({
              sip: { host: site.hosts.phone },
              recorder: (each) => {
                if (!each.bytes.includes(HEADER)) record(each);
              },
              hooks: { onReceive: ({ bytes }) => (bytes.includes(HEADER) ? 'drop' : 'pass') },
            }),
    }),
  });
  expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
    verdict: 'inconclusive',
    why: expect.stringContaining('a request with these headers to phone was not answered in this lab'),
  });
});

it.concurrent('bytes that name nobody take the proof from the trap that they came to, and from no other', async () => {
  const socket = createSocket('udp4');
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  let voicemail: { host: string; port: number } | undefined;
  const { cell } = await smallRun({
    situations: [NO_ANSWER, 'simultaneous-ring'],
    variants: ['sensitivity-private-no-diversion', SECONDARY],
    inTime: true,
    onLab: (lab) => {
      voicemail = lab.endpoints.voicemail.sip;
    },
    // Earlier, it would be before some window.
    changeSite: (site) => whenRinging(site, 6, () => socket.send('garbage', voicemail?.port, voicemail?.host)),
  });
  socket.close();
  expect(cell(NO_ANSWER, SECONDARY)).toMatchObject({
    verdict: 'inconclusive',
    why: expect.stringMatching(/^"7 bytes that are no SIP message" came to voicemail -?\d+ ms after/),
  });
  expect(cell('simultaneous-ring', 'sensitivity-private-no-diversion').verdict).toBe('pass');
});

describe.concurrent('a caller that cannot be started', () => {
  const failing = (fails: (index: number) => boolean) => {
    let index = 0;
    return withLauncher((launch) => async (run) => {
      index += 1;
      if (fails(index)) throw Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' });
      return launch(run);
    });
  };

  it('loses its own calls, and nobody else`s', async () => {
    const { cell } = await smallRun({
      situations: [NO_ANSWER, WHILE_RINGING],
      variants: [SECONDARY],
      changeSite: failing((index) => index % 2 === 0),
      inTime: true,
    });
    const verdicts = [cell(NO_ANSWER, SECONDARY), cell(WHILE_RINGING, SECONDARY)];
    expect(verdicts.map(({ verdict }) => verdict).toSorted()).toEqual(['inconclusive', 'pass']);
    expect(verdicts.find(({ verdict }) => verdict === 'inconclusive')?.why).toContain(
      'SIPp could not be started: EMFILE',
    );
  });

  it('ends the run when it is the only one, and says what to do', async () => {
    await expect(smallRun({ ...question, changeSite: failing(() => true) })).rejects.toThrow(
      /No call could be placed: EMFILE.*ulimit -n/,
    );
  });
});

function mustSuppress(cell: Cell): Expectation {
  return {
    outcome: cell.control === null ? 'engaged' : 'suppressed',
    claims: ['the-test-says-so'],
    callee: 'unspecified',
    statuses: [],
  };
}
