/** What a call shows of a voice mail inside of the server by itself, and what canaries have shown of that evidence. */
import { describe, expect, it } from 'vitest';
import { type MessageCount, messagesIn } from '../../harness/endpoints/message-counts.ts';
import type { Leg } from '../../harness/model/observation.ts';
import { INNER_EVIDENCE, type InnerEvidence } from '../../harness/model/words.ts';
import { answersOf } from '../../harness/run/answers.ts';
import type { CanaryAnswer } from '../../harness/run/canary-caller.ts';
import { type Fingerprint, fingerprint } from '../../harness/run/fingerprint.ts';
import { evidenceOf, type InnerCall, innerVoicemail } from '../../harness/run/inner-voicemail.ts';
import type { SeenCanary } from '../../harness/run/near-canaries.ts';
import { observe } from '../../harness/run/observe.ts';
import type { WireMessage } from '../../harness/run/wire-log.ts';
import { leg } from '../helpers/observations.ts';
import { canary, message, rangAndRefused, START } from './call-record.ts';
import {
  ANSWERED_MS,
  answer,
  bye,
  count,
  END_MS,
  HUNG_UP_MS,
  known,
  looked,
  OF_PHONE,
  OF_VOICEMAIL,
  rang,
  recordOf,
  TALK_MS,
  takenByVoicemail,
  toPhone,
  toVoicemail,
} from './inner-call.ts';

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
