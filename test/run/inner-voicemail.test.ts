/** What shows that a voice mail inside of the server took a call; and that nothing else is taken for it, nor its absence for a proof. */
import { describe, expect, it } from 'vitest';
import { judge } from '../../harness/judge/judge.ts';
import { INNER_EVIDENCE, type InnerEvidence } from '../../harness/model/words.ts';
import { observe } from '../../harness/run/observe.ts';
import { diverted } from '../helpers/observations.ts';
import { message, rangAndRefused } from './call-record.ts';
import {
  ANSWERED_MS,
  answer,
  bye,
  count,
  END_MS,
  HUNG_UP_MS,
  known,
  type Lab,
  looked,
  OF_PHONE,
  OF_VOICEMAIL,
  rang,
  recordOf,
  takenByVoicemail,
} from './inner-call.ts';

const seenIn = (lab: Lab) => observe(recordOf(lab));

function verdictIn(lab: Lab, scenario = recordOf(lab).cell.scenario) {
  const seen = seenIn(lab);
  const { verdict, outcome, why } = judge({
    scenario,
    planned: ['Ms-Target-Class: secondary'],
    seen,
    control: diverted(),
    expected: { outcome: 'suppressed', claims: ['a-claim'], callee: 'rings', statuses: [] },
  });
  return { verdict, outcome, why, by: seen.innerVoicemail?.arrivals.map((each) => each.by) };
}

describe('a call that voice mail took', () => {
  it.for<[string, Lab, readonly InnerEvidence[]]>([
    [
      'by everything that shows it, the strongest first',
      { counts: [...known, count('message-waiting', HUNG_UP_MS + 9, 1), count('mailbox', END_MS + 1200, 1)] },
      INNER_EVIDENCE,
    ],
    [
      'by the mailbox alone',
      { counts: [...known, count('mailbox', END_MS + 1200, 1)], evidence: ['mailbox'] },
      ['mailbox'],
    ],
    [
      'by message-waiting alone, also when it comes after the window',
      { counts: [...known, count('message-waiting', END_MS + 900, 1)], evidence: ['message-waiting'] },
      ['message-waiting'],
    ],
    ['by its fingerprint alone', { evidence: ['fingerprint'], counts: [] }, ['fingerprint']],
    [
      'by its fingerprint, where canaries leave no message either',
      { before: { by: ['fingerprint'] }, after: { by: ['fingerprint'] } },
      ['fingerprint'],
    ],
    [
      'by its fingerprint, where phones look alike and none of ours answered',
      { evidence: ['fingerprint'], counts: [], phone: OF_VOICEMAIL },
      ['fingerprint'],
    ],
  ])('is known %s', ([, lab, by]) => {
    expect(verdictIn({ messages: takenByVoicemail, ...lab })).toMatchObject({
      verdict: 'fail',
      outcome: 'engaged',
      by,
    });
  });

  it('has its evidence in the words of the verdict', () => {
    const counts = [...known, count('message-waiting', HUNG_UP_MS + 9, 1)];
    const { why } = verdictIn({ messages: takenByVoicemail, counts, evidence: ['message-waiting', 'fingerprint'] });
    expect(why).toContain('message-waiting rose from 0 to 1, 1614 ms after the INVITE');
    expect(why).toContain("equal to the canary's: Contact sip:192.0.2.1:5060, Server or User-Agent PBX 1.0");
    expect(why).toContain('a phone that answers looks otherwise');
  });
});

describe('a server that answers before it calls anybody', () => {
  const answeredFirst = [
    ...rang.slice(0, 1),
    answer(1, OF_VOICEMAIL),
    ...rang.slice(1).map((each) => ({ ...each, atEpochMs: each.atEpochMs + 5 })),
    bye(HUNG_UP_MS),
  ];

  it('has a look that says nothing of who took the call', () => {
    expect(verdictIn({ messages: answeredFirst, evidence: ['fingerprint'], counts: [] })).toMatchObject({
      verdict: 'inconclusive',
      by: [],
      why: expect.stringContaining('the server itself answered before it called anybody (phone, '),
    });
  });

  it('is voice mail where a message was counted', () => {
    const counts = [...known, count('message-waiting', HUNG_UP_MS + 9, 1)];
    expect(verdictIn({ messages: answeredFirst, counts })).toMatchObject({
      outcome: 'engaged',
      by: ['message-waiting'],
    });
  });
});

describe('a call that voice mail was kept out of', () => {
  it.for<[string, Lab]>([
    ['with all that would show it', {}],
    ['with the mailbox alone', { evidence: ['mailbox'], before: { by: ['mailbox'] }, after: { by: ['mailbox'] } }],
    [
      'with message-waiting alone',
      { evidence: ['message-waiting'], before: { by: ['message-waiting'] }, after: { by: ['message-waiting'] } },
    ],
    [
      'with the fingerprint alone',
      { evidence: ['fingerprint'], before: { by: ['fingerprint'] }, after: { by: ['fingerprint'] } },
    ],
  ])('passes %s', ([, lab]) => {
    expect(verdictIn(lab)).toEqual({ verdict: 'pass', outcome: 'suppressed', why: null, by: [] });
  });
});

describe('nothing is taken for kept out', () => {
  const waiting = { evidence: ['message-waiting'], before: { by: ['message-waiting'] } } as const;
  const early = message(
    200,
    'server',
    'caller',
    'SIP/2.0 183 Session Progress',
    '1 INVITE',
    '\r\nv=0\r\nm=audio 9 RTP/AVP 0',
  );
  const phoneAnswered = answer(603, OF_PHONE, 'phone');
  it.for<[string, Lab, RegExp]>([
    [
      'where no canary after the window was counted',
      { ...waiting, after: { by: [] } },
      /no canary reached voice mail after the window/,
    ],
    ['where none before it was', { ...waiting, before: { by: [] } }, /no canary reached voice mail before the call/],
    [
      'where the canaries on both sides were shown by different things',
      { before: { by: ['message-waiting'] }, after: { by: ['fingerprint'] } },
      /nothing that canaries have shown/,
    ],
    [
      'where the count was not known before the call',
      { ...waiting, after: { by: ['message-waiting'] }, counts: [] },
      /nothing that canaries have shown/,
    ],
    [
      'where it was known only that messages wait already',
      {
        ...waiting,
        after: { by: ['message-waiting'] },
        counts: [count('message-waiting', -50, Number.POSITIVE_INFINITY, null)],
      },
      /nothing that canaries have shown/,
    ],
    [
      'where a canary took longer to be counted than this call was watched',
      { ...waiting, after: { by: ['message-waiting'] }, earlier: { by: ['message-waiting'], countedMs: 60_000 } },
      /nothing that canaries have shown/,
    ],
    [
      'where nobody looked into the mailbox after the call',
      { evidence: ['mailbox'], before: { by: ['mailbox'] }, after: { by: ['mailbox'] }, counts: known },
      /nothing that canaries have shown/,
    ],
    [
      'where a message was counted and nobody had answered',
      { counts: [...known, count('message-waiting', 900, 1), looked] },
      /message-waiting rose from 0 to 1, 900 ms after the INVITE, and nobody unknown had answered/,
    ],
    [
      'where somebody could be heard in early media',
      { messages: [...rang, early, ...rangAndRefused.slice(-1)] },
      /could be heard/,
    ],
    [
      'where somebody answered who is not like voice mail, and no message came',
      { messages: [...rang, answer(ANSWERED_MS, { ...OF_VOICEMAIL, product: 'Other' }), bye(HUNG_UP_MS)] },
      /no leg on record answered.*\(the answer is not like a canary's to voice mail: Server or User-Agent\)/,
    ],
    [
      'where somebody answered like voice mail and hung up, as an announcement does',
      { messages: [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS, 'server')] },
      /not like a canary's to voice mail: who hung up/,
    ],
    [
      'where it was answered like voice mail, and no message was left as for canaries',
      { messages: takenByVoicemail },
      /mailbox did not rise as it does for canaries.*no message was left/,
    ],
    [
      'where message-waiting came later than anybody waited, and nothing else was looked for',
      { ...waiting, after: { by: ['message-waiting'] }, messages: takenByVoicemail },
      /no leg on record answered/,
    ],
  ])('%s', ([, lab, why]) => {
    const judged = verdictIn(lab);
    expect(judged.verdict).toBe('inconclusive');
    expect(judged.why).toMatch(why);
  });

  it('where voice mail looks like a phone, and took the call from one that had answered', () => {
    const messages = [
      ...rang,
      phoneAnswered,
      message(604, 'server', 'phone', 'BYE sip:x SIP/2.0', '2 BYE'),
      answer(ANSWERED_MS, OF_VOICEMAIL),
      bye(HUNG_UP_MS),
    ];
    const answers = { ...recordOf({}).cell.scenario, callee: { answerAfterMs: 400 } } as const;
    const judged = verdictIn({ messages, phone: OF_VOICEMAIL, evidence: ['fingerprint'] }, answers);
    expect(judged).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/did not last until the caller/),
    });
    const lasting = messages.filter(({ to, method }) => to !== 'phone' || method !== 'BYE');
    lasting.push(message(HUNG_UP_MS + 2, 'server', 'phone', 'BYE sip:x SIP/2.0', '2 BYE'));
    expect(seenIn({ messages: lasting, phone: OF_VOICEMAIL }).innerVoicemail).toMatchObject({
      arrivals: [],
      doubt: null,
    });
  });

  it('early media that calls to phones have as well say nothing', () => {
    const messages = [...rang, early, ...rangAndRefused.slice(-1)];
    expect(verdictIn({ messages, phoneEarlyMedia: true }).verdict).toBe('pass');
  });

  it('an answer in the time of a phone is voice mail`s where it looks like nobody else', () => {
    const messages = [...rang, answer(603, OF_PHONE, 'phone'), answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS)];
    const [first] = seenIn({ messages, evidence: ['fingerprint'] }).caller.answers;
    expect(first).toMatchObject({ by: 'voicemail', knownBy: 'arrival' });
    const [alike] = seenIn({ messages, evidence: ['fingerprint'], phone: OF_VOICEMAIL }).caller.answers;
    expect(alike).toMatchObject({ by: 'phone', knownBy: 'time' });
  });
});
