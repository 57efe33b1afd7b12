/** Each rule of the path, message by message. */
import { describe, expect, it } from 'vitest';
import type { Disposition } from '../../harness/sabotage/path/rule.ts';
import { parseMessage, type SipRequest } from '../../harness/sip/index.ts';
import {
  answerTo,
  CALLER,
  FROM_PHONE,
  FROM_VOICE_MAIL,
  insteadOf,
  MARK,
  request,
  rulesOf,
  TO_CALLER,
  TO_PHONE,
  TO_VOICE_MAIL,
} from './rules-of.ts';

describe('header-lost-on-the-path', () => {
  it('takes the header from what the caller sends, and nothing else', () => {
    const { pass } = rulesOf('header-lost-on-the-path');
    const seen = insteadOf(pass(request([...MARK, 'X-No-Voicemail: true']), CALLER));
    expect([seen.header('Ms-Target-Class'), seen.header('X-No-Voicemail')]).toEqual([undefined, 'true']);
    expect(pass(request(), CALLER)).toBe('goes on');
    expect(pass(request(MARK), TO_VOICE_MAIL)).toBe('goes on');
  });
});

describe('header-on-the-control', () => {
  it('adds it to calls without any header of a variant; canaries are left alone', () => {
    const { pass } = rulesOf('header-on-the-control');
    expect(insteadOf(pass(request(), CALLER)).header('Ms-Target-Class')).toBe('secondary');
    expect(pass(request(['X-No-Voicemail: true']), CALLER)).toBe('goes on');
    expect(pass(request([], { from: '<sip:canary@outside.test>' }), CALLER)).toBe('goes on');
    expect(pass(request([], { method: 'MESSAGE' }), CALLER)).toBe('goes on');
  });
});

describe('voice-mail-cut-off', () => {
  it('loses every INVITE to voice mail', () => {
    const { pass } = rulesOf('voice-mail-cut-off');
    expect(pass(request(), TO_VOICE_MAIL)).toBe('is lost');
    expect(pass(request([], { method: 'MESSAGE' }), TO_VOICE_MAIL)).toBe('goes on');
    expect(pass(request(), CALLER)).toBe('goes on');
  });
});

describe('voice-mail-cut-off-from-calls-with-the-header', () => {
  it('loses those only, by the callee', () => {
    const { pass } = rulesOf('voice-mail-cut-off-from-calls-with-the-header');
    expect(pass(request(), TO_VOICE_MAIL)).toBe('goes on');
    expect(insteadOf(pass(request(MARK), CALLER)).header('Ms-Target-Class')).toBeUndefined();
    expect(pass(request(), TO_VOICE_MAIL)).toBe('is lost');
  });
});

describe('voice-mail-cut-off-where-it-is-late', () => {
  const leg = (headers: readonly string[] = [], from = '<sip:customer@outside.test>') => request(headers, { from });

  it('loses every INVITE to voice mail of calls with the header', () => {
    const { pass } = rulesOf('voice-mail-cut-off-where-it-is-late');
    expect(insteadOf(pass(request(MARK), CALLER)).header('Ms-Target-Class')).toBeUndefined();
    expect([pass(leg(), TO_VOICE_MAIL), pass(leg(), TO_VOICE_MAIL)]).toEqual(['is lost', 'is lost']);
  });

  it('loses the first of any other call, and none of a canary', () => {
    const { pass } = rulesOf('voice-mail-cut-off-where-it-is-late');
    expect([pass(leg(), TO_VOICE_MAIL), pass(leg(), TO_VOICE_MAIL)]).toEqual(['is lost', 'goes on']);
    expect(pass(leg([], '<sip:canary@outside.test>'), TO_VOICE_MAIL)).toBe('goes on');
    expect(pass(leg(), CALLER)).toBe('goes on');
  });
});

describe('voice-mail-behind-a-b2bua', () => {
  it('gives the leg another callee and Call-ID, and puts both back on the way back', () => {
    const { pass } = rulesOf('voice-mail-behind-a-b2bua');
    pass(request(MARK), CALLER);
    const leg = insteadOf(pass(request(['Diversion: <sip:alice-k-1@ms-sipre.test>']), TO_VOICE_MAIL)) as SipRequest;
    expect(leg.bytes.toString('latin1')).not.toContain('alice');
    expect(leg.header('Call-ID')).not.toBe('one');
    const back = insteadOf(pass(answerTo(leg, 200), FROM_VOICE_MAIL));
    expect([back.header('Call-ID'), back.header('To')]).toEqual(['one', '<sip:alice-k-1@ms-sipre.test>;tag=x']);
    expect([leg.requestUri, leg.header('To')]).toEqual(['sip:7000@voicemail.test', '<sip:7000@voicemail.test>']);
  });

  it('is the same to both sides when voice mail hangs up', () => {
    const { pass } = rulesOf('voice-mail-behind-a-b2bua');
    pass(request(MARK), CALLER);
    const callId = (insteadOf(pass(request(), TO_VOICE_MAIL)) as SipRequest).header('Call-ID') ?? '';
    const bye = request([], { method: 'BYE', from: '<sip:7000@voicemail.test>' }).bytes.toString('latin1');
    const seen = parseMessage(Buffer.from(bye.replace('Call-ID: one', `Call-ID: ${callId}`)));
    const atServer = insteadOf(pass(seen, FROM_VOICE_MAIL)) as SipRequest;
    expect([atServer.header('Call-ID'), atServer.header('From')]).toEqual([
      'one',
      '<sip:alice-k-1@ms-sipre.test>;tag=c',
    ]);
    const answer = insteadOf(pass(answerTo(atServer, 200), TO_VOICE_MAIL));
    expect([answer.header('Call-ID'), answer.header('From')]).toEqual([callId, '<sip:7000@voicemail.test>;tag=c']);
  });

  it('leaves missed-call notices alone', () => {
    const { pass } = rulesOf('voice-mail-behind-a-b2bua');
    pass(request(MARK), CALLER);
    expect(pass(request([], { method: 'MESSAGE' }), TO_VOICE_MAIL)).toBe('goes on');
  });

  it('leaves calls without the header alone', () => {
    const { pass } = rulesOf('voice-mail-behind-a-b2bua');
    expect(pass(request(), TO_VOICE_MAIL)).toBe('goes on');
  });
});

describe('path-answers', () => {
  it('answers INVITE and BYE of such calls, and keeps their ACK', () => {
    const { pass } = rulesOf('path-answers');
    const statusOf = (disposition: Disposition): number =>
      typeof disposition !== 'string' && 'answer' in disposition ? disposition.answer.status : 0;
    expect(statusOf(pass(request(MARK), CALLER))).toBe(200);
    expect(pass(request([], { method: 'ACK' }), CALLER)).toBe('is lost');
    expect(statusOf(pass(request([], { method: 'BYE' }), CALLER))).toBe(200);
  });
});

describe('path-redirects', () => {
  it('makes refusals of such calls a 302 with a Contact', () => {
    const { pass } = rulesOf('path-redirects');
    const invite = request(MARK);
    pass(invite, CALLER);
    const seen = insteadOf(pass(answerTo(invite, 480), TO_CALLER));
    expect(seen.startLine).toBe('SIP/2.0 302 Moved Temporarily');
    expect(seen.header('Contact')).toMatch(/^<sip:/);
    expect(pass(answerTo(invite, 180), TO_CALLER)).toBe('goes on');
  });
});

describe('path-loses-datagrams', () => {
  it('loses one in twenty', () => {
    const { pass, tookPlace } = rulesOf('path-loses-datagrams');
    expect(tookPlace()).toBe(false);
    const dispositions = Array.from({ length: 60 }, () => pass(request(), CALLER));
    expect(dispositions.filter((disposition) => disposition === 'is lost')).toHaveLength(3);
    expect(tookPlace()).toBe(true);
  });
});

describe('path-loses-answers', () => {
  it('loses two answers of each phone to an INVITE, and nothing else', () => {
    const { pass, tookPlace } = rulesOf('path-loses-answers');
    const answer = answerTo(request(), 200);
    expect(
      [answerTo(request(), 180), answerTo(request([], { method: 'CANCEL' }), 200)].map((each) =>
        pass(each, FROM_PHONE),
      ),
    ).toEqual(['goes on', 'goes on']);
    expect(pass(answerTo(request([], { from: '<sip:canary@outside.test>' }), 200), FROM_PHONE)).toBe('goes on');
    expect(pass(answer, FROM_VOICE_MAIL)).toBe('goes on');
    expect(tookPlace()).toBe(false);
    expect([1, 2, 3].map(() => pass(answer, FROM_PHONE))).toEqual(['is lost', 'is lost', 'goes on']);
    expect(tookPlace()).toBe(true);
  });
});

describe('ring-splash-rung-on', () => {
  it('loses every CANCEL to the phone of a call with the header, and of no other', () => {
    const { pass } = rulesOf('ring-splash-rung-on');
    const cancel = request([], { method: 'CANCEL' });
    expect(pass(cancel, TO_PHONE)).toBe('goes on');
    expect(pass(request(MARK), CALLER)).toBe('goes on');
    expect([TO_PHONE, TO_PHONE, TO_VOICE_MAIL, CALLER].map((crossing) => pass(cancel, crossing))).toEqual([
      'is lost',
      'is lost',
      'goes on',
      'goes on',
    ]);
    expect(pass(request(), TO_PHONE)).toBe('goes on');
  });
});

describe('path-frozen', () => {
  it('holds everything that comes after the first call with the header', () => {
    const { pass } = rulesOf('path-frozen');
    expect(pass(request(), CALLER)).toBe('goes on');
    expect(insteadOf(pass(request(MARK), CALLER)).header('Ms-Target-Class')).toBeUndefined();
    expect(pass(request([], { method: 'CANCEL' }), CALLER)).toMatchObject({ heldUntilEpochMs: expect.any(Number) });
  });
});
