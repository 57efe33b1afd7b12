/** A user agent that is not ours as the callees' phones, in a real lab: one that does as it is told, and those that do not. */
import { describe, expect, it } from 'vitest';
import { smallRun } from '../helpers/small-run.ts';
import { fixtureUa } from './fixture-ua.ts';

const NO_ANSWER = 'voicemail-no-answer';
const SECONDARY = 'target-class-secondary';
const question = { situations: [NO_ANSWER], variants: [SECONDARY] };

// One lab after the other, and nothing beside them: what is compared must be in time.
describe('a user agent that can do everything', () => {
  it('gets the verdicts that our own phones get, cell by cell', async () => {
    const everything = {
      situations: [],
      variants: [SECONDARY, 'sensitivity-private-no-diversion', 'x-no-voicemail'],
      inTime: true,
    };
    const own = await smallRun(everything);
    const foreign = await smallRun({ ...everything, ua: fixtureUa(undefined, 20) });
    const rows = ({ results }: typeof own): string[] =>
      results.map(({ id, verdict, observed: { outcome, status } }) => `${id} ${verdict} ${outcome} ${status}`);
    expect(rows(foreign)).toEqual(rows(own));
    expect(own.outcome.ua).toBeNull();
    expect(foreign.outcome).toMatchObject({
      ua: { id: 'command:fixture', name: 'fixture', version: '7' },
      trouble: null,
    });
  });

  it('is on record with everything that went between its edge and the server', async () => {
    const { outcome, cell } = await smallRun({ ...question, ua: fixtureUa(), inTime: true });
    const { id, observed } = cell(NO_ANSWER, SECONDARY);
    expect(observed.legs).toMatchObject([{ role: 'phone', rang: true, result: 'cancelled', status: 487 }]);
    const seen = outcome.observations.get(id)?.messages.filter(({ from, to }) => from === 'phone' || to === 'phone');
    const lines = seen?.map(({ from, startLine, cseq }) => `${from}: ${startLine.replace(/ sip:.*/, '')} (${cseq})`);
    // A phone or a server that waits for longer than 500 ms sends again.
    expect([...new Set(lines)].toSorted()).toEqual([
      'phone: SIP/2.0 180 Ringing (1 INVITE)',
      'phone: SIP/2.0 200 OK (1 CANCEL)',
      'phone: SIP/2.0 487 Request Terminated (1 INVITE)',
      'server: ACK (1 ACK)',
      'server: CANCEL (1 CANCEL)',
      'server: INVITE (1 INVITE)',
    ]);
  });
});

describe.concurrent('is inconclusive, never green, when the user agent', () => {
  it.for([
    ['dies-at-start', /was not ready when it ended with exit status 5; it said last: no sound card/],
    ['dies-when-called', /died during the run: it ended with exit status 6; it said last: .*segmentation fault/],
    ['answers', /was to ring unanswered \(180\), but it answered/],
  ] as const)('%s', async ([fault, why]) => {
    const { results } = await smallRun({ ...question, ua: fixtureUa(fault) });
    for (const result of results)
      expect(result).toMatchObject({ verdict: 'inconclusive', why: expect.stringMatching(why) });
    expect(results).toHaveLength(2);
  });

  // How far it came in that time is up to the machine: test/ua/instance.test.ts has what is said of it.
  it.for([
    ['never-ready', /did not say "ready" in 800 ms; [0-2] of its 2 accounts had no 200 to REGISTER/],
    ['lies', /(said|did not say) "ready" in 800 ms; 2 of its 2 accounts had no 200 to REGISTER/],
  ] as const)('%s', async ([fault, why]) => {
    const { results } = await smallRun({ ...question, ua: fixtureUa(fault), uaReadyTimeoutMs: 800 });
    for (const result of results)
      expect(result).toMatchObject({ verdict: 'inconclusive', why: expect.stringMatching(why) });
  });

  it('is silent, although voice mail is reached all the same', async () => {
    const { cell } = await smallRun({
      situations: [NO_ANSWER, 'voicemail-busy'],
      variants: [SECONDARY],
      ua: fixtureUa('silent'),
    });
    for (const [situation, play] of [
      [NO_ANSWER, 'ring unanswered (180)'],
      ['voicemail-busy', 'be busy (486)'],
    ] as const) {
      expect(cell(situation, 'none')).toMatchObject({
        verdict: 'inconclusive',
        observed: { outcome: 'engaged' },
        why: expect.stringContaining(`was to ${play}, but it was silent`),
      });
      expect(cell(situation, SECONDARY).verdict).toBe('inconclusive');
    }
  });
});

describe.concurrent('instances', () => {
  it('are as many as the accounts need, and one that dies takes no other with it', async () => {
    const { results } = await smallRun({
      situations: [NO_ANSWER, 'voicemail-busy'],
      variants: [SECONDARY],
      ua: fixtureUa('dies-when-busy', 1),
      inTime: true,
    });
    expect(results.map(({ situation, verdict }) => `${situation} ${verdict}`)).toEqual([
      `${NO_ANSWER} pass`,
      `${NO_ANSWER} pass`,
      'voicemail-busy inconclusive',
      'voicemail-busy inconclusive',
    ]);
    const dead = results.flatMap(({ why }) => /instance (\d+), died/.exec(why ?? '')?.[1] ?? []);
    expect(new Set(dead).size, results.map(({ why }) => why).join('\n')).toBe(2);
  });

  it('that ignore SIGTERM are killed', async () => {
    const { results } = await smallRun({ ...question, ua: fixtureUa('ignores-sigterm'), inTime: true });
    expect(results.map(({ verdict }) => verdict)).toEqual(['pass', 'pass']);
  });

  it('are not started when the user agent does not describe itself', async () => {
    await expect(smallRun({ ...question, ua: fixtureUa('mute') })).rejects.toThrow(
      /command:fixture was asked to describe itself: no line of JSON; it ended with exit status 4; it said last: I would rather not say/,
    );
  });
});
