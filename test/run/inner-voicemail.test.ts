/** What shows that a voice mail inside of the server took a call; and that nothing else is taken for it, nor its absence for a proof. */
import { describe, expect, it } from 'vitest';
import { type MessageCount, messagesIn } from '../../harness/endpoints/message-counts.ts';
import { judge } from '../../harness/judge/judge.ts';
import type { Leg } from '../../harness/model/observation.ts';
import { INNER_EVIDENCE, type InnerEvidence } from '../../harness/model/words.ts';
import { answersOf } from '../../harness/run/answers.ts';
import type { CanaryAnswer } from '../../harness/run/canary-caller.ts';
import { type Fingerprint, fingerprint } from '../../harness/run/fingerprint.ts';
import { evidenceOf, type InnerCall, innerVoicemail } from '../../harness/run/inner-voicemail.ts';
import type { SeenCanary } from '../../harness/run/near-canaries.ts';
import { type CallRecord, observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { diverted, leg } from '../helpers/observations.ts';
import { canary, message, rangAndRefused, record, START, WINDOW_MS } from './call-record.ts';

const TALK_MS = 1000;
/** When voice mail takes the call, and when its caller hangs up. */
const ANSWERED_MS = 605;
const HUNG_UP_MS = ANSWERED_MS + TALK_MS;
const END_MS = Math.max(WINDOW_MS, HUNG_UP_MS + 400);

const OF_VOICEMAIL: Fingerprint = {
  contact: 'sip:192.0.2.1:5060',
  product: 'PBX 1.0',
  tagForm: '8-4',
  origin: '- 192.0.2.1 "PBX"',
  hungUpBy: 'caller',
};
const OF_PHONE: Fingerprint = { ...OF_VOICEMAIL, contact: 'sip:CALLEE@192.0.2.9:5060', product: 'Phone 2' };

/** A 2xx as whoever has this fingerprint gives it. */
function answer(atMs: number, print: Fingerprint, from: 'server' | 'phone' = 'server'): WireMessage {
  const [user = '', host = '', session = ''] = print.origin.split(' ');
  const contact = print.contact.replace('CALLEE', 'alice-test-1');
  const head = [
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1',
    'To: <sip:alice-test-1@x>;tag=12345678-1234',
    'From: <sip:c@x>;tag=1',
    'Call-ID: x',
    'CSeq: 1 INVITE',
    `Contact: <${contact}>`,
    `Server: ${print.product}`,
  ].join('\r\n');
  const sdp = `v=0\r\no=${user} 1 1 IN IP4 ${host}\r\ns=${session.replaceAll('"', '')}\r\n`;
  const to = from === 'server' ? ('caller' as const) : ('server' as const);
  return {
    ...message(atMs, from, to, 'SIP/2.0 200 OK', '1 INVITE'),
    toTag: `of-${from}`,
    bytes: Buffer.from(`SIP/2.0 200 OK\r\n${head}\r\n\r\n${sdp}`),
  };
}

const rang = rangAndRefused.slice(0, -1);
const bye = (atMs: number, from: 'caller' | 'server' = 'caller'): WireMessage =>
  from === 'caller'
    ? message(atMs, 'caller', 'server', 'BYE sip:x SIP/2.0', '2 BYE')
    : message(atMs, 'server', 'caller', 'BYE sip:x SIP/2.0', '2 BYE');
const takenByVoicemail = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS)];

const count = (by: MessageCount['by'], atMs: number, messages: number, before: number | null = 0): MessageCount => ({
  user: 'alice-test-1',
  by,
  atEpochMs: START + atMs,
  before,
  messages,
});
/** Known before the call. */
const known = [count('mailbox', -50, 0, null), count('message-waiting', -50, 0, null)];
const looked = count('mailbox', END_MS + 1200, 0);

interface CanaryOver {
  readonly by?: readonly InnerEvidence[];
  readonly print?: Fingerprint;
  /** Until its message was counted. */
  readonly countedMs?: number;
}

function toVoicemail(
  sentMs: number,
  { by = INNER_EVIDENCE, print = OF_VOICEMAIL, countedMs = 10 }: CanaryOver,
): SeenCanary {
  const seen = canary(sentMs, by.length === 0 ? null : sentMs + 5);
  const endedEpochMs = START + sentMs + 500;
  const rises = INNER_EVIDENCE.filter((each) => each !== 'fingerprint')
    .filter((each) => by.includes(each))
    .map((each) => ({ ...count(each, 0, 1), atEpochMs: endedEpochMs + countedMs }));
  const given: CanaryAnswer = { atEpochMs: START + sentMs + 5, fingerprint: print, endedEpochMs, rises };
  const call = { ...seen.call, doneEpochMs: endedEpochMs + countedMs, outcome: 'answered', answer: given };
  return { ...seen, call, by };
}

function toPhone(sentMs: number, print: Fingerprint, earlyMedia = false): SeenCanary {
  const seen = canary(sentMs, sentMs + 5, 'phone');
  const given: CanaryAnswer = { atEpochMs: START + sentMs + 5, fingerprint: print, endedEpochMs: START, rises: [] };
  return { ...seen, call: { ...seen.call, earlyMedia, answer: given } };
}

interface Lab {
  readonly messages?: readonly WireMessage[];
  readonly counts?: readonly MessageCount[];
  readonly before?: CanaryOver;
  readonly after?: CanaryOver;
  /** Long before. */
  readonly earlier?: CanaryOver;
  readonly phone?: Fingerprint;
  readonly phoneEarlyMedia?: boolean;
  readonly evidence?: readonly InnerEvidence[];
}

function recordOf(lab: Lab): CallRecord {
  const { messages = rangAndRefused, counts = [...known, looked], before = {}, after = {}, phone = OF_PHONE } = lab;
  return record({
    messages,
    inner: {
      word: { evidence: lab.evidence ?? INNER_EVIDENCE, talkMs: TALK_MS, countedWithinMs: 500 },
      callee: 'alice-test-1',
      counts,
    },
    canaries: [
      ...(lab.earlier === undefined ? [] : [toVoicemail(-90_000, lab.earlier)]),
      toVoicemail(-700, before),
      toPhone(-700, phone, lab.phoneEarlyMedia),
      toVoicemail(END_MS + 1, after),
      toPhone(END_MS + 1, phone, lab.phoneEarlyMedia),
    ],
  });
}

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

/** What is made of a call by itself, without a judge. */
function direct(over: Partial<InnerCall>) {
  const { canaries, inner } = recordOf({});
  const sides = canaries.filter(({ call }) => call.canary.trap === 'voicemail');
  const messages = over.messages ?? takenByVoicemail;
  if (inner == null) throw new Error('no voice mail inside');
  const seen = innerVoicemail({
    ...inner,
    speaks: true,
    messages,
    startEpochMs: START,
    legs: [],
    answers: answersOf(messages, START),
    before: sides[0],
    after: sides[1],
    toVoicemail: sides,
    toPhones: canaries.filter(({ call }) => call.canary.trap === 'phone'),
    ...over,
  });
  return { ...seen.seen, answers: seen.answers };
}

const by = (kinds: readonly InnerEvidence[]) => ({ evidence: kinds, talkMs: TALK_MS, countedWithinMs: 500 });
const audio = '\r\nv=0\r\nm=audio 9 RTP/AVP 0';

describe('what is made of a call', () => {
  it('has the time and the words of each thing that shows voice mail', () => {
    const counts = [...known, count('message-waiting', 1700, Number.POSITIVE_INFINITY), count('mailbox', 3000, 3, 2)];
    const { arrivals, answers, doubt } = direct({ counts });
    expect(arrivals).toEqual([
      {
        by: 'mailbox',
        atMs: 3000,
        seen: 'the mailbox, which was looked into, rose from 2 to 3, 3000 ms after the INVITE',
      },
      { by: 'message-waiting', atMs: 1700, seen: 'message-waiting rose from 0 to some, 1700 ms after the INVITE' },
      {
        by: 'fingerprint',
        atMs: ANSWERED_MS,
        seen: 'no phone of ours answered, and the fingerprint of the answer is equal to the canary\'s: Contact sip:192.0.2.1:5060, Server or User-Agent PBX 1.0, form of the To tag 8-4, SDP origin - 192.0.2.1 "PBX"; a phone that answers looks otherwise',
      },
    ]);
    expect(answers).toEqual([{ atMs: ANSWERED_MS, by: 'voicemail', knownBy: 'arrival' }]);
    expect(doubt).toBeNull();
  });

  it('says where phones look the same, or were not seen', () => {
    const same = /a phone that answers looks the same here, so it is only known that none of ours did$/;
    const word = by(['fingerprint']);
    const other = [toPhone(-700, OF_PHONE), toPhone(-600, { ...OF_VOICEMAIL, hungUpBy: 'server' })];
    for (const toPhones of [[], other]) expect(direct({ word, toPhones, counts: [] }).arrivals[0]?.seen).toMatch(same);
  });

  it.for<[string, MessageCount]>([
    ['before the answer', count('message-waiting', ANSWERED_MS - 1, 1)],
    ['without anybody knowing what it was before', count('message-waiting', HUNG_UP_MS, 1, null)],
    ['and is what it was', count('message-waiting', HUNG_UP_MS, 1, 1)],
    ['and is less', count('message-waiting', HUNG_UP_MS, 1, 2)],
  ])('takes no count for a message that comes %s', ([, each]) => {
    expect(direct({ word: by(['message-waiting']), counts: [...known, each] }).arrivals).toEqual([]);
  });

  it('takes one that comes with the answer', () => {
    const counts = [...known, count('message-waiting', ANSWERED_MS, 1)];
    expect(direct({ word: by(['message-waiting']), counts }).arrivals).toHaveLength(1);
  });

  it('expects no message of who did not speak as long as canaries do', () => {
    const brief = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(ANSWERED_MS + TALK_MS - 51)];
    expect(direct({ messages: brief, counts: [...known, looked] }).arrivals).toMatchObject([{ by: 'fingerprint' }]);
    const enough = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(ANSWERED_MS + TALK_MS - 50)];
    expect(direct({ messages: enough })).toMatchObject({
      arrivals: [],
      doubt: expect.stringMatching(/spoke for 950 ms/),
    });
    const open = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL)];
    expect(direct({ messages: open })).toMatchObject({ arrivals: [], doubt: expect.stringMatching(/who hung up/) });
  });

  it('names all in which an answer differs', () => {
    const other = answer(ANSWERED_MS, { ...OF_VOICEMAIL, product: 'Other', contact: 'sip:192.0.2.7' });
    const { doubt, answers } = direct({ messages: [...rang, other, bye(HUNG_UP_MS)], word: by(['fingerprint']) });
    expect(doubt).toBe("the answer is not like a canary's to voice mail: Contact, Server or User-Agent");
    expect(answers).toMatchObject([{ by: null }]);
  });

  it('takes the one of several answers that is like voice mail', () => {
    const other = { ...answer(500, OF_PHONE), toTag: 'another' };
    const messages = [...rang, other, answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS)];
    const word = by(['fingerprint']);
    expect(direct({ messages, word, counts: [] }).answers).toMatchObject([{ by: null }, { by: 'voicemail' }]);
    const counts = [...known, count('message-waiting', HUNG_UP_MS, 1)];
    expect(direct({ messages: [...rang, other, bye(HUNG_UP_MS)], counts }).answers).toMatchObject([
      { by: 'voicemail' },
    ]);
  });

  it.for<[string, boolean, Partial<Leg>]>([
    ['lasts until then', true, { endMs: HUNG_UP_MS - 50 }],
    ['ended before', false, { endMs: HUNG_UP_MS - 51 }],
    ['has no end on record', false, { endMs: null }],
    ['did not answer', false, { endMs: HUNG_UP_MS, answered: false }],
    ['is of somebody else', false, { endMs: HUNG_UP_MS, role: 'team' }],
  ])('an answer in the time of a leg is the leg`s where it lasts as long as the call: it %s', ([, isLegs, over]) => {
    const answers = [{ atMs: ANSWERED_MS, by: 'phone', knownBy: 'time' }] as const;
    const legs = [leg('phone', { answered: false, endMs: 9 }), leg('phone', { answered: true, ...over })];
    const given = { answers, legs, counts: known, toPhones: [toPhone(-700, OF_VOICEMAIL)] };
    expect(direct(given).doubt === null).toBe(isLegs);
    const withoutEnd = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL)];
    expect(direct({ ...given, messages: withoutEnd }).doubt).toMatch(/605 ms after the INVITE, and the leg/);
    const tagged = [{ ...answers[0], knownBy: 'tag' }] as const;
    const ours = [toPhone(-700, OF_PHONE)];
    expect(direct({ ...given, answers: tagged, toPhones: ours })).toMatchObject({ doubt: null, answers: tagged });
  });

  it('an answer in the time of a leg stays the leg`s where it does not look like voice mail', () => {
    const answers = [{ atMs: ANSWERED_MS, by: 'phone', knownBy: 'time' }] as const;
    const legs = [leg('phone', { answered: true, endMs: HUNG_UP_MS })];
    const messages = [...rang, answer(ANSWERED_MS, OF_PHONE), bye(HUNG_UP_MS)];
    expect(direct({ answers, legs, messages, counts: known })).toMatchObject({ answers, doubt: null });
    const notSeen = { answers: [{ ...answers[0], atMs: 1 }], legs, messages, counts: known };
    expect(direct(notSeen)).toMatchObject({ answers: [{ by: 'phone' }] });
  });

  it('hears early media at the caller, and not what our own phones or any answer has', () => {
    const early = (from: 'server' | 'phone', to: 'caller' | 'server') =>
      message(200, from, to, 'SIP/2.0 183 Session Progress', '1 INVITE', audio);
    const refused = rangAndRefused.slice(-1);
    const doubtOf = (messages: readonly WireMessage[], toPhones = [toPhone(-700, OF_PHONE)]) =>
      direct({ messages, toPhones, counts: known }).doubt;
    expect(doubtOf([...rang, early('server', 'caller'), ...refused])).toMatch(/\(183 with SDP, 200 ms after/);
    expect(doubtOf([...rang, early('phone', 'server'), early('server', 'caller'), ...refused])).toBeNull();
    expect(doubtOf([...rang, early('phone', 'server'), ...refused])).toBeNull();
    const offer = message(0, 'caller', 'server', 'INVITE sip:x SIP/2.0', '1 INVITE', audio);
    expect(doubtOf([offer, ...rang, { ...offer, from: 'server', to: 'caller' }, ...refused])).toBeNull();
    const answered = message(ANSWERED_MS, 'server', 'caller', 'SIP/2.0 200 OK', '1 INVITE', audio);
    expect(doubtOf([...rang, answered, bye(HUNG_UP_MS)])).not.toMatch(/could be heard/);
    const some = [toPhone(-700, OF_PHONE), toPhone(-600, OF_PHONE, true)];
    expect(doubtOf([...rang, early('server', 'caller'), ...refused], some)).toBeNull();
  });
});

describe('evidence that canaries have shown', () => {
  const refused = { messages: rangAndRefused };

  it('is looked for with what was known of its own kind, at the INVITE at the latest', () => {
    const shownBy = (counts: readonly MessageCount[]) => direct({ ...refused, counts }).shown;
    expect(shownBy([count('message-waiting', 0, 0, null)])).toEqual(['message-waiting', 'fingerprint']);
    expect(shownBy([count('message-waiting', 1, 0, null)])).toEqual(['fingerprint']);
    expect(shownBy([count('mailbox', 0, 0, null), count('mailbox', 1, 0)])).toEqual(['mailbox', 'fingerprint']);
    expect(shownBy([count('mailbox', 0, 0, null), count('message-waiting', 1, 0)])).toEqual(['fingerprint']);
    const messages = [...rang, answer(ANSWERED_MS, OF_VOICEMAIL), bye(HUNG_UP_MS)];
    const atBye = [count('mailbox', 0, 0, null), count('mailbox', HUNG_UP_MS, 0)];
    expect(direct({ messages, counts: atBye }).shown).toEqual(['fingerprint']);
  });

  it('counts only as long as the slowest of its own kind took', () => {
    const doneMs = END_MS + 1 + 500 + 10;
    const slow = (kind: InnerEvidence, countedMs: number) => toVoicemail(-90_000, { by: [kind], countedMs });
    const shownAfter = (each: SeenCanary) => direct({ ...refused, counts: known.slice(1), toVoicemail: [each] }).shown;
    expect(shownAfter(slow('message-waiting', doneMs))).toEqual(['message-waiting', 'fingerprint']);
    expect(shownAfter(slow('message-waiting', doneMs + 1))).toEqual(['fingerprint']);
    expect(shownAfter(slow('mailbox', doneMs + 1))).toEqual(['message-waiting', 'fingerprint']);
    expect(shownAfter(canary(-90_000, -89_000))).toEqual(['message-waiting', 'fingerprint']);
  });

  it('is nothing without canaries, or where what they agree in is true of anybody', () => {
    expect(direct({ before: undefined, after: undefined }).shown).toEqual([]);
    expect(direct({ after: undefined }).shown).toEqual([]);
    const nothing: Fingerprint = { ...OF_VOICEMAIL, contact: '', product: '', origin: '' };
    const sides = (print: Fingerprint) => ({
      before: toVoicemail(-700, { print }),
      after: toVoicemail(END_MS + 1, { print }),
    });
    for (const field of ['contact', 'product', 'origin'] as const) {
      const one = { ...nothing, [field]: OF_VOICEMAIL[field] };
      expect(direct({ ...refused, ...sides(one), counts: [] }).shown).toEqual(['fingerprint']);
    }
    expect(direct({ ...sides(nothing), counts: [] })).toMatchObject({ arrivals: [], shown: [], doubt: null });
    expect(direct({ word: by(['mailbox']), counts: [] }).arrivals).toEqual([]);
  });

  it('leaves out a canary that did not get there', () => {
    const lost = { ...toVoicemail(-700, { print: OF_PHONE }), reachedEpochMs: null };
    const word = by(['fingerprint']);
    expect(direct({ before: lost, word, counts: [] }).arrivals).toMatchObject([{ by: 'fingerprint' }]);
  });
});

describe("a call of the user's application", () => {
  it('may have said nothing that there is a message of: that it looks like voice mail counts', () => {
    const seen = observe({ ...recordOf({ messages: takenByVoicemail }), callerUnderTest: true });
    expect(seen.innerVoicemail).toMatchObject({ arrivals: [{ by: 'fingerprint' }], doubt: null });
  });
});

describe('a canary', () => {
  const word = { evidence: INNER_EVIDENCE, talkMs: TALK_MS, countedWithinMs: 500 };
  const given: CanaryAnswer = { atEpochMs: START, fingerprint: OF_VOICEMAIL, endedEpochMs: START, rises: [] };

  it('shows what it was shown by, and nothing where a phone of ours took it', () => {
    const call = { outcome: 'answered', answer: { ...given, rises: [count('message-waiting', 0, 1)] } };
    expect(evidenceOf(call, { word, answeredElsewhere: false })).toEqual(['message-waiting', 'fingerprint']);
    expect(evidenceOf(call, { word, answeredElsewhere: true })).toEqual([]);
    expect(evidenceOf({ ...call, outcome: 'final 480' }, { word, answeredElsewhere: false })).toEqual([]);
    const mute = { ...given, fingerprint: { ...OF_VOICEMAIL, contact: '', product: '', origin: '' } };
    expect(evidenceOf({ outcome: 'answered', answer: mute }, { word, answeredElsewhere: false })).toEqual([]);
  });
});

describe('a message summary', () => {
  it.for<[string, number | null]>([
    ['Messages-Waiting: yes\r\nVoice-Message: 2/8 (0/2)\r\n', 2],
    ['messages-waiting: no\r\nvoice-message: 0/8\r\n', 0],
    ['Messages-Waiting: yes\r\nFax-Message: 1/0\r\n', Number.POSITIVE_INFINITY],
    ['Messages-Waiting: no\r\n', 0],
    ['Voice-Message: many\r\n', null],
    ['', null],
  ])('%j has %s new messages', ([summary, messages]) => {
    expect(messagesIn(summary)).toBe(messages);
  });
});

describe('a fingerprint', () => {
  it('has what is the same in every call of whoever answers', () => {
    const headers: Record<string, string> = {
      Contact: '"Bob" <sip:bob@192.0.2.9:5062;transport=udp;line=7>',
      To: '<sip:bob@x>;tag=1716d09f-1159-4fa7',
      'User-Agent': 'Phone 2',
    };
    const sdp = 'v=0\r\no=root 17 19 IN IP4 192.0.2.9\r\ns=call\r\n';
    expect(fingerprint((name) => headers[name] ?? '', sdp, 'bob', 'caller')).toEqual({
      contact: 'sip:CALLEE@192.0.2.9:5062',
      product: 'Phone 2',
      tagForm: '8-4-4',
      origin: 'root 192.0.2.9 "call"',
      hungUpBy: 'caller',
    });
    const bare = fingerprint(() => '', '', 'bob', '');
    expect(bare).toEqual({ contact: '', product: '', tagForm: '0', origin: '', hungUpBy: '' });
  });
});
