import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/judge/judge.ts';
import { CHECK_IDS, type Check, type CheckId } from '../../harness/model/checks.ts';
import { diverted, leg, missedCall, scenario, suppressed } from '../helpers/observations.ts';
import { anyCase } from './any-case.ts';
import { mustEngage, verdictOn, withCaller } from './case.ts';

/** `+ id: seen` where it holds, `-` where it does not, `0` where it does not matter. */
const shown = ({ id, holds, seen }: Check): string => `${holds === null ? '0' : holds ? '+' : '-'} ${id}: ${seen}`;
const checksOn = (...args: Parameters<typeof verdictOn>): string[] => verdictOn(...args).checks.map(shown);
const one = (wanted: CheckId, ...args: Parameters<typeof verdictOn>): string | undefined =>
  verdictOn(...args)
    .checks.filter(({ id }) => id === wanted)
    .map(shown)[0];

const failing = (checks: readonly Check[]): Check[] => checks.filter(({ holds }) => holds === false);

describe('the checks of any case', () => {
  it('say why: nothing where none fails, or else what the first says that does not hold', () => {
    fc.assert(
      fc.property(anyCase, (item) => {
        const { checks, why } = judge(item);
        expect(why).toBe(failing(checks)[0]?.seen ?? null);
        expect(why).not.toBe('');
      }),
    );
  });

  it('do not fail where the verdict is pass, and fail wherever it is not', () => {
    fc.assert(
      fc.property(anyCase, (item) => {
        const { checks, verdict } = judge(item);
        expect(failing(checks).length === 0).toBe(verdict === 'pass');
      }),
    );
  });

  it('condemn nobody where the evidence does not hold', () => {
    fc.assert(
      fc.property(anyCase, (item) => {
        const { checks, verdict } = judge(item);
        const first = failing(checks)[0]?.id;
        const demanded = ['expectation', 'elsewhere', 'over-blocking', 'status'];
        expect(verdict === 'fail').toBe(demanded.includes(first ?? ''));
      }),
    );
  });

  it('come once each, in the order in which they are asked', () => {
    fc.assert(
      fc.property(anyCase, (item) => {
        const places = judge(item).checks.map(({ id }) => CHECK_IDS.indexOf(id));
        expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      }),
    );
  });

  it('say what was seen, also where they hold', () => {
    fc.assert(
      fc.property(anyCase, (item) => {
        for (const each of judge(item).checks) expect(each.seen, each.id).toMatch(/^(?!.*\b(undefined|NaN|null)\b).+/s);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('what is asked', () => {
  it('of a call that was kept out of its trap', () => {
    expect(checksOn()).toEqual([
      '+ playable: nothing is missing',
      '+ lab: nothing went wrong, every phone was registered',
      '+ invite: INVITE on record, with no header of any variant',
      '+ final: final 480',
      "+ header-path: the callee's phone got what was sent",
      '+ played: as the situation says',
      '+ end: it ended with 480',
      '+ canary-before: a canary reached voice mail 290 ms before the INVITE, 10 ms under way',
      '+ canary-after: a canary reached voice mail 2010 ms after the INVITE, 10 ms under way',
      '+ window: watched for 1800 ms, closed by a canary at 2010 ms',
      '+ strays: nothing else came',
      '+ control: without the header voice mail was reached, final 200',
      '+ told: it speaks of nobody but those on record',
      '+ expectation: voice mail was not reached',
      '+ elsewhere: to no other trap',
      "+ over-blocking: the callee's own phone rang",
      '0 status: final 480; no source says',
      '+ in-time: at most 20 ms late, in the control 20 ms, 400 ms allowed',
      '+ specified: a-claim',
    ]);
  });

  it('of a control, which needs no canary: its trap was reached', () => {
    expect(checksOn({ seen: diverted(), control: null, expected: mustEngage }).slice(6)).toEqual([
      '+ end: answered by voice mail',
      '0 canary-before: a canary reached voice mail 290 ms before the INVITE, 10 ms under way',
      '0 canary-after: a canary reached voice mail 2010 ms after the INVITE, 10 ms under way',
      '0 window: watched for 1800 ms, closed by a canary at 2010 ms',
      '0 strays: nothing else came',
      '+ control: voice mail was reached, final 200',
      '0 told: it speaks of nobody but those on record',
      '+ expectation: voice mail was reached 605 ms after the INVITE',
      '+ elsewhere: to no other trap',
      "0 over-blocking: the callee's own phone rang; no source says",
      '0 status: final 200; no source says',
      '+ in-time: at most 20 ms late, 400 ms allowed',
      '+ specified: a-claim',
    ]);
  });

  it('of a call that cannot be placed: nothing else', () => {
    expect(checksOn({ seen: suppressed({ unplayable: 'it cannot decline' }) })).toEqual([
      '- playable: it cannot decline',
    ]);
  });

  it('of a call that was not placed: no more than the lab', () => {
    expect(checksOn({ seen: suppressed({ startedAtEpochMs: null }), control: null })).toEqual([
      '+ playable: nothing is missing',
      '+ lab: nothing went wrong, every phone was registered',
      '- invite: the call was not placed: the caller has no INVITE on record',
      '+ in-time: at most 20 ms late, 400 ms allowed',
    ]);
  });

  it('of a record that does not hold: nothing that the sources demand', () => {
    const canary = { ...suppressed().canary, before: null };
    const ids = verdictOn({ seen: suppressed({ canary, legs: [] }) }).checks.map(({ id }) => id);
    expect(ids.slice(-3)).toEqual(['control', 'told', 'in-time']);
  });
});

describe('a check says', () => {
  it('which headers were sent, and which the server keeps to itself', () => {
    const sent = withCaller(suppressed({ headersAtPhone: { lost: ['a', 'b'], added: [] } }), { headersSent: ['A: 1'] });
    expect(one('invite', { seen: sent, planned: ['A: 1'] })).toBe('+ invite: INVITE on record, with "A: 1"');
    expect(one('header-path', { seen: sent, planned: ['A: 1'] })).toBe(
      "+ header-path: the callee's phone did not get a, b, and nothing shows that this server passes it on",
    );
    expect(one('header-path', { seen: suppressed({ headersAtPhone: null }) })).toBe(
      "0 header-path: the callee's phone got no INVITE",
    );
  });

  it.for([
    [withCaller(suppressed(), { finalStatus: 487, cancelledMs: 500 }), '+ end: the caller gave up'],
    [withCaller(suppressed(), { finalStatus: 487 }), '+ end: it ended with 487'],
    [withCaller(suppressed(), { cancelledMs: 500 }), '+ end: it ended with 480'],
    [
      withCaller(diverted(), {
        answers: (['phone', 'voicemail', 'voicemail'] as const).map((by) => ({
          atMs: 610,
          by,
          knownBy: 'tag' as const,
        })),
      }),
      "+ end: answered by the callee's own phone and voice mail",
    ],
    [withCaller(diverted(), { finalStatus: null }), '- end: where the call ended is not known'],
    [
      withCaller(diverted(), { answers: [{ atMs: 612, by: null, knownBy: null }] }),
      '0 end: the caller was answered 612 ms after the INVITE, and no leg on record answered: who took the call is not known',
    ],
  ] as const)('how the call ended: %#', ([seen, said]) => {
    expect(one('end', { seen })).toBe(said);
  });

  it('what came, and matters here or not', () => {
    const strays = [
      { atMs: 610.4, at: 'team', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' },
      { atMs: 700, at: 'team', kind: 'bytes', text: 'odd' },
    ] as const;
    expect(one('strays', { seen: suppressed({ strays }) })).toBe(
      '+ strays: of no call, and nothing follows from it here: "INVITE sip:x@y SIP/2.0" at team, 610 ms; "odd" at team, 700 ms',
    );
    expect(one('strays', { seen: diverted({ strays: [{ ...strays[0], at: 'voicemail' }] }) })).toMatch(
      /^0 strays: .* came to voicemail/,
    );
  });

  it('that the control was answered, where that is what is asked', () => {
    const answered = withCaller(
      suppressed({ legs: [leg('phone', { answered: true, result: 'answered', status: 200 })] }),
      { finalStatus: 200 },
    );
    const asked = { ...scenario, kind: 'over-blocking' as const, callee: { answerAfterMs: 150 } };
    expect(one('control', { scenario: asked, seen: answered, control: answered })).toBe(
      "+ control: without the header answered by the callee's own phone, final 200",
    );
  });

  it('what nobody demands, and what was demanded and agrees', () => {
    const expected = { outcome: 'unspecified', claims: [], callee: 'unspecified', statuses: [] } as const;
    expect(checksOn({ seen: suppressed({ legs: [] }), expected }).slice(13)).toEqual([
      '0 expectation: voice mail was not reached; no source says',
      '+ elsewhere: to no other trap',
      "0 over-blocking: the callee's own phone did not ring; no source says",
      '0 status: final 480; no source says',
      expect.stringMatching(/^\+ in-time/),
      "- specified: no source says what must happen; observed: voice mail not reached, final 480; the callee's own phone, which the control came to, was not called",
    ]);
    const demanded = { outcome: 'suppressed', claims: ['a-claim'], callee: 'silent', statuses: [480] } as const;
    expect(checksOn({ seen: suppressed({ legs: [] }), expected: demanded }).slice(15, 17)).toEqual([
      "+ over-blocking: the callee's own phone did not ring",
      '+ status: final 480',
    ]);
  });

  it('which other traps were reached, as they may', () => {
    const both = diverted({ legs: [...diverted().legs, leg('team'), leg('delegate')] });
    expect(one('elsewhere', { seen: both, control: both, expected: mustEngage })).toBe(
      "+ elsewhere: to the team phone and the delegate's phone, as it may",
    );
    const too = diverted({ legs: [...diverted().legs, leg('team'), leg('team')] });
    expect(one('elsewhere', { seen: too, control: too, expected: mustEngage })).toBe(
      '+ elsewhere: to the team phone, as it may',
    );
  });

  it('that a deviation is doubted, and what deviates all the same', () => {
    const seen = suppressed({ legs: [], phoneCanary: { before: null, after: null } });
    expect(checksOn({ seen }).slice(15)).toEqual([
      expect.stringMatching(/^0 over-blocking: over-blocked: the callee's own phone did not ring/),
      '0 status: final 480; no source says',
      expect.stringMatching(/^- proven: over-blocked: .*; but no canary reached a phone before the call/),
      '+ in-time: at most 20 ms late, in the control 20 ms, 400 ms allowed',
      '+ specified: a-claim',
    ]);
  });

  it('what deviates besides, and holds nothing against the server where the first of it is doubted', () => {
    const alone = suppressed({ legs: [], phoneCanary: { before: null, after: null } });
    const seen = withCaller(alone, { finalStatus: 404 });
    const expected = { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [480] } as const;
    expect(verdictOn({ seen, expected }).verdict).toBe('inconclusive');
    expect(one('status', { seen, expected })).toBe('0 status: the call ended with 404, but a-claim says 480');
  });

  it('what is doubted, and so not held against the server, where the first that deviates is proven', () => {
    const legs = [leg('voicemail', { startMs: 605, answered: true })];
    const seen = diverted({ legs, phoneCanary: { before: null, after: null } });
    expect(verdictOn({ seen }).verdict).toBe('fail');
    expect(one('over-blocking', { seen })).toMatch(/^0 over-blocking: over-blocked: the callee's own phone did not/);
  });

  it('all that deviates, where the first of it is proven', () => {
    const checks = checksOn({ seen: diverted({ legs: [leg('voicemail', { startMs: 605, answered: true })] }) });
    expect(checks.filter((each) => !each.startsWith('+')).slice(-3)).toEqual([
      expect.stringContaining('- expectation: voice mail was reached'),
      expect.stringContaining("- over-blocking: over-blocked: the callee's own phone did not ring"),
      expect.stringContaining('0 status'),
    ]);
  });

  it('that the lab was late, where it takes a finding back, may be why, or does not matter', () => {
    const late = { lateMs: 900 };
    expect(one('in-time', { seen: diverted(late) })).toMatch(/^- in-time: voice mail was reached .* 900 ms late/);
    expect(one('expectation', { seen: diverted(late) })).toMatch(/^0 expectation: voice mail was reached/);
    expect(one('in-time', { seen: suppressed({ ...late, troubles: ['it broke'] }) })).toBe(
      '- in-time: at most 900 ms late, in the control 20 ms, 400 ms allowed',
    );
    expect(one('in-time', { seen: suppressed(late) })).toMatch(/^0 in-time: at most 900 ms late/);
    expect(one('in-time', { control: diverted(late) })).toMatch(/^0 in-time: .* in the control 900 ms/);
  });

  it('that a notice of unknown form came, or a canary did not, without need where the trap was reached', () => {
    const inbox = { ...scenario, trap: 'missed-call-inbox' as const };
    const seen = suppressed({
      notifications: [missedCall, { ...missedCall, kind: 'other' }],
      canary: { trap: 'missed-call-inbox', before: null, after: null },
      window: { ...suppressed().window, closedMs: null },
    });
    expect(checksOn({ scenario: inbox, seen, control: seen, expected: mustEngage }).slice(7, 11)).toEqual([
      '0 canary-before: no canary reached the missed-call inbox before the call: the trap may be dead',
      '0 canary-after: no canary reached the missed-call inbox after the window: the trap may have died',
      '0 window: the window in which the missed-call inbox must stay silent was not closed',
      expect.stringMatching(/^0 strays: a request .* names this callee/),
    ]);
    const cut = { ...seen, window: { ...seen.window, cutShort: true as const } };
    expect(checksOn({ scenario: inbox, seen: cut, control: seen, expected: mustEngage })[8]).toBe(
      '0 canary-after: cancelled before a canary could close its window',
    );
  });
});
