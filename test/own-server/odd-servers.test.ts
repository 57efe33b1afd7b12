/** Servers that nobody here wrote: whatever is odd about one, what is said of it is true, or nothing is. */
import { describe, expect, it } from 'vitest';
import type { SmallRunResult } from '../helpers/small-run.ts';
import { NOT_SPARED, oddRun, SITUATIONS, SPARED, saidOf, truth } from './odd-server.ts';

const ALL_TRUE = SITUATIONS.flatMap((situation) =>
  ['none', NOT_SPARED, SPARED].map((variant) => `${situation} ${variant} unspecified ${truth(situation, variant)}`),
);

/** Of what is no longer said, the reason. */
function mute({ results }: SmallRunResult): string[] {
  return results.flatMap(({ verdict, why }) => (verdict === 'inconclusive' ? [why ?? ''] : []));
}

function expectNothingFalse({ results }: SmallRunResult): void {
  const said = results.filter(({ verdict }) => verdict !== 'inconclusive' && verdict !== 'unsupported');
  const wrong = said.filter(({ situation, variant, observed }) => observed.outcome !== truth(situation, variant));
  expect(wrong.map(({ id, observed }) => `${id} ${observed.outcome}`)).toEqual([]);
}

describe.concurrent('what is odd, and takes nothing from the proof', () => {
  it.for([
    ['nothing', []],
    ['a Call-ID of its own for each leg', ['new-call-id']],
    ['a + before users', ['plus']],
    ['users in capitals', ['upper-case']],
    ['users as telephone numbers', ['user-phone']],
    ['tel: addresses', ['tel']],
    ['another To', ['other-to']],
    ['another From, another Call-ID', ['other-from', 'new-call-id']],
    ['header fields of its own', ['adds-headers']],
    ['a header field of the matrix in every call', ['adds-header-of-matrix']],
    ['no header field that it does not know', ['drops-headers']],
    ['compact forms', ['compact']],
    ['session timers', ['session-timer']],
    ['responses from another address', ['other-address']],
    ['OPTIONS, NOTIFY and SUBSCRIBE that nobody asked for', ['sends-options', 'sends-notify', 'sends-subscribe']],
    ['datagrams that are no SIP', ['sends-rubbish']],
    ['contacts in its own words', ['renames-contact']],
    ['no contact in its 200', ['no-contact-in-200']],
    ['phones that must stay for two hours', ['register-423']],
    ['megabytes of other output', ['megabytes']],
    ['no end at SIGTERM', ['ignores-sigterm']],
    ['181, 182 and two 180 of each ring', ['tells-much']],
    ['each 200 three times', ['answers-thrice']],
    ['606 to whoever is kept out', ['ends-with-606']],
    ['480 with Retry-After to whoever is kept out', ['ends-with-480-later']],
  ] as const)('%s', async ([, oddities]) => {
    const run = await oddRun(oddities);
    expect(saidOf(run).toSorted()).toEqual(ALL_TRUE.toSorted());
    expect(run.outcome).toMatchObject({ ended: 'complete', trouble: null });
  });
});

describe.concurrent('what a header slows down, and stops nothing', () => {
  const ALL_ENGAGED = ALL_TRUE.map((each) => each.replace(/(voicemail-.*)suppressed$/, '$1engaged'));

  it.for([
    ['rings longer where it is marked', ['slow-if-marked', 'spares-nobody'], ['voicemail-no-answer']],
    ['is slow to divert what is marked', ['mail-slow-if-marked', 'spares-nobody'], SITUATIONS],
  ] as const)('%s', async ([, oddities, situations]) => {
    const run = await oddRun(oddities, { situations: [...situations] });
    const asked = ALL_ENGAGED.filter((each) => situations.some((situation) => each.startsWith(`${situation} `)));
    expect(saidOf(run).toSorted()).toEqual(asked.toSorted());
  });
});

describe.concurrent('a server that refuses what is marked, and whose header keeps nothing out', () => {
  it.for([
    ['503, now and then', ['full-if-marked', 'spares-nobody'], /^the server refused the call \(503\)/, 4],
    ['503, each time', ['always-full-if-marked', 'spares-nobody'], /^the server refused the call \(503\)|no canary/, 4],
    [
      '486, of a phone that nobody asked',
      ['busy-if-marked', 'spares-nobody'],
      /^the server refused the call \(486\)/,
      4,
    ],
  ] as const)('%s', async ([, oddities, reason, atLeast]) => {
    const run = await oddRun(oddities);
    const marked = run.results.filter(({ variant }) => variant === SPARED);
    expect(marked.map(({ verdict }) => verdict)).toEqual(marked.map(() => 'inconclusive'));
    const reasons = mute(run);
    expect(reasons.length).toBeGreaterThanOrEqual(atLeast);
    for (const each of reasons) expect(each).toMatch(reason);
  });

  it.for(['refuses-marked', 'bad-extension-if-marked'])(
    '%s: that the phone was not called is said beside it',
    async (oddity) => {
      const run = await oddRun([oddity], { situations: ['voicemail-no-answer'] });
      expect(run.cell('voicemail-no-answer', SPARED)).toMatchObject({
        verdict: 'unspecified',
        observed: { outcome: 'suppressed', calleeRang: false },
        why: expect.stringMatching(/final 4\d\d; the callee's own phone, which the control came to, was not called$/),
      });
    },
  );
});

describe.concurrent('what takes the proof from cells, and from which', () => {
  it.for([
    ['refuses REGISTER with 403', ['register-403'], /REGISTER was not answered with 200 for \S+ \(403\)/, 12],
    ['knows no account', ['register-404'], /REGISTER was not answered with 200 for \S+ \(404\)/, 12],
    [
      'takes every phone and forgets it',
      ['ignores-accounts'],
      /the callee's phone.* was not called|not answered by the callee/,
      9,
    ],
    [
      'sends callers to itself',
      ['redirects-to-itself'],
      /the caller was sent elsewhere|canary to voicemail failed/,
      12,
    ],
    [
      'sends callers to voice mail',
      ['redirects-to-voicemail'],
      /the caller was sent elsewhere|canary to voicemail failed/,
      12,
    ],
    ['has some choose among others', ['300-if-marked'], /^the caller was sent elsewhere to <sip:mail@192\.0\.2\.1>/, 4],
    ['sends some to voice mail', ['redirects-marked'], /^the caller was sent elsewhere to <sip:\S+> \(302/, 4],
    // Our phone looks late to the judge each time: it waits for a PRACK that never comes.
    ['wants provisional responses to be reliable, of a caller who cannot', ['100rel'], /phone was to answer/, 3, 1],
    ['refuses everything', ['refuses-all'], /no canary reached voice mail|a canary to voicemail failed.*503/, 12],
    ['answers itself', ['answers-itself'], /no leg on record answered: who took the call is not known/, 12],
    ['answers some itself', ['answers-marked-itself'], /no leg on record answered: who took the call is not known/, 4],
    ['diverts long after the call', ['diverts-late'], /canary to voicemail failed|no canary reached voice mail/, 1],
    ['names nobody at voice mail', ['hides'], /./, 0],
  ] as const)('%s', async ([, oddities, reason, atLeast, again]) => {
    const run = await oddRun(oddities, again === undefined ? {} : { again });
    expectNothingFalse(run);
    const reasons = mute(run);
    expect(reasons.length).toBeGreaterThanOrEqual(atLeast);
    for (const each of reasons) expect(each).toMatch(reason);
    expect(run.outcome).toMatchObject({ ended: 'complete' });
  });

  it('calls a phone twice at once', async () => {
    const run = await oddRun(['forks-twice']);
    expectNothingFalse(run);
    expect(mute(run)).toEqual([]);
    expect(run.cell('voicemail-busy', 'none').observed.legs.map(({ role }) => role)).toEqual([
      'phone',
      'phone',
      'voicemail',
    ]);
    // A phone that answered both would have one without an ACK, which ends after 32 s.
    const { legs } = run.cell('answered-by-callee', 'none').observed;
    expect(legs.map(({ role, status }) => [role, status])).toEqual([
      ['phone', 200],
      ['phone', 482],
    ]);
  });

  it('lets phones stay for a second: they are registered again before the calls, and a warning says so', async () => {
    const run = await oddRun(['expires-soon']);
    expectNothingFalse(run);
    expect(mute(run)).toEqual([]);
    expect(run.outcome.warnings).toContainEqual(expect.stringMatching(/^the server lets phones stay for 1 s alone/));
  });

  it.for([
    ['dies', /^the server under test ended during the run: it ended with exit status 9/],
    ['goes-deaf', /^the server under test ended during the run: it has not answered an OPTIONS for 6 s$/],
    ['moves-port', /^the server under test ended during the run: it has not answered an OPTIONS for 6 s$/],
  ] as const)('%s in mid-run', async ([oddity, trouble]) => {
    const run = await oddRun([oddity]);
    expect(run.outcome.ended).toBe('failed');
    expect(run.outcome.trouble).toMatch(trouble);
    expectNothingFalse(run);
    expect(mute(run).length).toBeGreaterThan(0);
  });
});
