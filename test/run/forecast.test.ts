import { describe, expect, it } from 'vitest';
import { plan } from '../../harness/plan/plan.ts';
import { type Forecast, forecast, forecastText } from '../../harness/run/forecast.ts';
import { liveServer, type OwnersWord } from '../../harness/servers/live.ts';
import { scenarios, variants } from '../../scenarios/index.ts';

const account = (user: string) => ({ user, domain: 'example.org', password: 'x' });
const set = (user: string, use: 'call' | 'canary' = 'call', totalMs = 5000): OwnersWord['sets'][number] => ({
  for: use,
  policy: null,
  callee: account(user),
  members: {},
  waits: { totalMs, userMs: 0, team2Ms: 0 },
  settings: { flags: [], lists: [], voicemail: true, doNotDisturb: false },
});
const CANARIES = [set('carl', 'canary'), set('carol', 'canary')];

interface Asked extends Partial<OwnersWord> {
  readonly perSecond?: number;
  readonly situations?: readonly string[];
  readonly variants?: readonly string[];
}

function told(sets: OwnersWord['sets'], over: Asked = {}): Forecast {
  const { perSecond = 1, situations = ['voicemail-busy', 'team-ring'], variants: wanted, ...word } = over;
  const caller = { ...account('agnes'), password: null };
  const voicemail = { at: { host: '127.0.0.1', port: 5070 }, missedCalls: false, dialled: false };
  const server = liveServer({
    address: { host: '127.0.0.1', port: 5060 },
    word: { caller, voicemail, sets, ...word },
    expect: null,
    callsPerSecond: perSecond,
  });
  const cells = plan(
    { server: server.id, transport: 'udp', policies: server.policies, scenarios, variants },
    {
      policies: [],
      situations,
      variants: wanted ?? ['none', 'x-no-voicemail'],
      filters: [],
    },
  );
  return forecast({ cells, server, lender: server.lender, callsPerSecond: perSecond, slackMs: 1000, talkMs: 1800 });
}

describe('what a run on lent accounts will be', () => {
  it('has its waits, windows and rounds of canaries one after the other, with one account', () => {
    const { calls, canaryCalls, atOnce, durationMs } = told([...CANARIES, set('bob')]);
    // A header's canary, and two of a round before and after each call.
    expect({ calls, canaryCalls, atOnce }).toEqual({ calls: 2, canaryCalls: 7, atOnce: 1 });
    // Begin: 1 + 2 calls a second, and 5 s to voice mail; a call: its turn, 5 + 1 s of window, 2 + 5 s of canaries.
    expect(durationMs / 1000).toBeCloseTo(1 + 7 + 2 * (1 + 6 + 7 + 0.3), 0);
  });

  it('is shorter with another account, longer with longer waits, and faster at another rate', () => {
    const one = told([...CANARIES, set('bob')]);
    const two = told([...CANARIES, set('bob'), set('bea')]);
    expect(two.atOnce).toBe(2);
    expect(two.durationMs).toBeLessThan(one.durationMs);
    expect(told([...CANARIES, set('bob', 'call', 20_000)]).durationMs).toBeGreaterThan(one.durationMs + 2 * 14_000);
    expect(told([...CANARIES, set('bob')], { perSecond: 10 }).durationMs).toBeLessThan(one.durationMs);
  });

  it('counts on callers who wait twice as long as the server does, where a header may keep the call out', () => {
    const of = (...rows: string[]) =>
      told([...CANARIES, set('bob')], { situations: ['voicemail-no-answer'], variants: rows });
    const [marked, unmarked] = [of('target-class-secondary'), of('x-no-voicemail')];
    expect(marked.calls).toBe(unmarked.calls);
    // 2 x 5 + 1 s, in place of 5 s and 1.8 s of talk.
    expect((marked.durationMs - unmarked.durationMs) / 1000).toBeCloseTo(11 - 6.8, 1);
  });

  it('says what cannot be asked, and why', () => {
    const { unsupported } = told([...CANARIES, set('bob')]);
    expect([...unsupported]).toEqual([[expect.stringMatching(/^it has no account for calls.*team_ring, team$/), 2]]);
    const inside = told([...CANARIES, set('bob')], { voicemail: null });
    expect(inside).toMatchObject({ calls: 0, durationMs: 0 });
    expect([...inside.unsupported.keys()]).toContain(
      'nobody says where its voice mail is (`voicemail` in the accounts file)',
    );
    const noPhone = told([set('carl', 'canary'), set('bob')]);
    expect([...noPhone.unsupported.keys()]).toContain(
      'it has no account left for a canary to voicemail, with no rules',
    );
  });

  it.for<[number, string]>([
    [1499, 'about 1 s'],
    [119_400, 'about 119 s'],
    [600_000, 'about 10 minutes'],
    [7_500_000, 'about 2 h 5 min'],
  ])('%i ms are %s', ([durationMs, words]) => {
    const coming = { calls: 1, canaryCalls: 2, atOnce: 1, durationMs, unsupported: new Map([['x', 3]]) };
    expect(forecastText(coming)).toBe(
      `1 call and about 2 of canaries, at most 1 at once, ${words}; 3 cells cannot be asked`,
    );
  });
});
