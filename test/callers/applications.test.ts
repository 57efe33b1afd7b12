/** Applications that have a customer's call in their hands: a response group, and what hangs up on voice mail. In a real lab. */
import { describe, expect, it } from 'vitest';
import type { HandedOn } from '../../harness/endpoints/b2bua.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { hangUpLines } from '../../harness/report/matrix/hang-ups.ts';
import { painter } from '../../harness/report/matrix/text.ts';
import { CANARY_USER } from '../../harness/run/identity.ts';
import type { Lab } from '../../harness/run/lab.ts';
import { responseGroupSituations } from '../../scenarios/response-group.ts';
import { workArounds } from '../../scenarios/work-arounds.ts';
import { type SmallRun, smallRun } from '../helpers/small-run.ts';
import { notPassed } from '../helpers/with-flows.ts';

const SECONDARY = 'target-class-secondary';
const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

function did({ checks }: CellResult): string | undefined {
  return checks?.find(({ id }) => id === 'application')?.seen;
}

/** A lab whose application does something else than it was told. */
function serving(change: (serve: NonNullable<HandedOn['serve']>) => HandedOn['serve']): (lab: Lab) => void {
  return ({ b2bua }) => {
    if (b2bua === null) return;
    const expectCall = b2bua.expect.bind(b2bua);
    b2bua.expect = (callee, { serve, ...call }) => expectCall(callee, { ...call, serve: serve && change(serve) });
  };
}

/** A lab whose agents are said to be registered, and each of them is when the server has already said what becomes of the call to him. */
function agentsRegisterLate(): Pick<SmallRun, 'changeSite' | 'onLab'> {
  const late = new Map<string, () => void>();
  return {
    changeSite: (site) => ({
      ...site,
      startSipServer: (role, record) =>
        site.startSipServer(role, (each) => {
          record(each);
          if (role !== 'b2bua' || each.direction !== 'in') return;
          const response = /^SIP\/2\.0 (?!100)[\s\S]*?^To: .*?sip:([^@]+)@/m;
          const called = response.exec(each.bytes.toString('latin1'))?.[1] ?? '';
          late.get(called)?.();
          late.delete(called);
        }),
    }),
    onLab: ({ banks: { phone } }) => {
      const register = phone.register.bind(phone);
      phone.register = (phones, ...more) => {
        const [canaries, agents] = [true, false].map((is) =>
          phones.filter(({ user }) => CANARY_USER.test(user) === is),
        );
        for (const agent of agents ?? []) late.set(agent.user, () => void register([agent], ...more));
        return register(canaries ?? [], ...more);
      };
    },
  };
}

describe.concurrent('a response group', () => {
  it('leaves an agent when its own time is over: none of his traps gets the customer, as happens without the header', async () => {
    const situations = idsOf(responseGroupSituations);
    const run = await smallRun({ situations, variants: [SECONDARY], inTime: true });
    expect(notPassed(run)).toEqual([]);
    for (const situation of situations) {
      const [control, own] = [run.cell(situation, 'none'), run.cell(situation, SECONDARY)];
      expect([situation, control.observed.outcome, own.observed.outcome]).toEqual([situation, 'engaged', 'suppressed']);
      expect(did(own)).toMatch(
        situation === 'group-agent-busy'
          ? /did not give the callee up; the next agent answered the customer$/
          : /gave the callee up after \d+ ms; the next agent answered the customer$/,
      );
      expect(did(own)?.includes('called another agent first, ')).toBe(situation.startsWith('group-round-robin-'));
    }
    expect(did(run.cell('group-agent-voicemail', 'none'))).toBe('the customer got voice mail (final 200)');
    expect(did(run.cell('group-serial-missed-call', 'none'))).toMatch(/the next agent answered the customer$/);
  });

  it('proves nothing where it goes round, and begins with the callee all the same', async () => {
    const first = serving(({ application: { alertMs }, next }) => ({
      application: { alertMs, next: 'delegate' },
      next,
    }));
    const situation = 'group-round-robin-missed-call';
    const run = await smallRun({ situations: [situation], variants: [SECONDARY], onLab: first, inTime: true });
    expect(run.cell(situation, SECONDARY)).toMatchObject({ verdict: 'inconclusive' });
  });

  it('has its first agent ring, however late it gives him up', async () => {
    const slow = serving(({ application, next }) => ({
      application: { ...application, alertMs: application.alertMs + 300 },
      next,
    }));
    const situation = 'group-round-robin-missed-call';
    const { results } = await smallRun({ situations: [situation], variants: [SECONDARY], onLab: slow });
    const asTold =
      /called another agent first, .* gave the callee up after \d+ ms; the next agent answered the customer$/;
    expect(results.map(did)).toEqual([expect.stringMatching(asTold), expect.stringMatching(asTold)]);
  });

  it('proves nothing of an agent who registers after he was called, and before the time of the group is over', async () => {
    const situations = ['group-agent-voicemail', 'group-serial-missed-call'];
    const run = await smallRun({ situations, variants: [SECONDARY], ...agentsRegisterLate() });
    expect(run.results.map(({ verdict, why }) => `${verdict}: ${why}`)).toEqual(
      run.results.map(() =>
        expect.stringMatching(
          /^inconclusive: .*\balice-\S+ was registered \d+ ms after the server had the call, and was not called/,
        ),
      ),
    );
    expect(run.results).toHaveLength(4);
  });

  it('proves nothing where it does not move on', async () => {
    const stuck = serving(({ application }) => ({ application, next: null }));
    const situation = 'group-agent-voicemail';
    const run = await smallRun({ situations: [situation], variants: [SECONDARY], onLab: stuck, inTime: true });
    expect(run.cell(situation, SECONDARY)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/and the customer was not put through \(final 480\)$/),
    });
  });
});

describe.concurrent('the work-arounds', () => {
  it('call voice mail without forwarding, and hang up on voice mail where a sign gives it away, and only there', async () => {
    const situations = idsOf(workArounds);
    const run = await smallRun({ situations, variants: [SECONDARY], inTime: true });
    expect(notPassed(run)).toEqual([]);
    for (const situation of ['voicemail-without-forwarding', 'voicemail-without-team']) {
      const cell = run.cell(situation, SECONDARY);
      expect(did(cell)).toMatch(/voice mail by its address answered the customer$/);
      expect(cell.observed.notifications.map(({ kind }) => kind)).toEqual(['voice-message']);
    }
    for (const { id, application, trap } of workArounds) {
      if (application?.knows === undefined) continue;
      const noted = trap === 'voicemail' ? 'missed-call' : 'nothing';
      expect([id, did(run.cell(id, 'none'))]).toEqual([
        id,
        application.knows
          ? expect.stringMatching(new RegExp(`^hung up \\d+ ms after the answer; noted: ${noted}$`))
          : expect.stringMatching(/^the customer was put through, and left/),
      ]);
    }
    expect(did(run.cell('hang-up-without-signs', 'none'))).toMatch(/left voice-message$/);
    const told = (situation: string): string | undefined =>
      hangUpLines({ cells: run.results }, 500, painter(false)).find((line) => line.startsWith(`${situation}: `));
    expect(told('hang-up-on-automata')).toMatch(
      /: by automata: 1 of 1 hung up on, (\d+) to \1 ms; a missed call noted: 1 of 1, a message left: 0 of 1$/,
    );
    expect(told('hang-up-without-signs')).toMatch(
      /: by automata, Server: never; a missed call noted: 0 of 1, a message left: 1 of 1$/,
    );
    expect(told('voicemail-without-team')).toBeUndefined();
  });

  it('prove nothing where the application does not see the sign', async () => {
    const blind = serving(({ application, next }) => ({
      application: { ...application, hangsUpOn: ['server'] },
      next,
    }));
    const run = await smallRun({ situations: ['hang-up-on-automata'], variants: ['none'], onLab: blind, inTime: true });
    expect(run.cell('hang-up-on-automata', 'none')).toMatchObject({
      verdict: 'inconclusive',
      why: 'the application was to know voice mail by these signs, and the customer was put through, and left voice-message',
    });
  });
});
