/** What is open beside each other in one call: RFC 3261 14.2 and 15, RFC 3262 3 and 4. */
import { describe, expect, it } from 'vitest';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { reply, requestBack, Stage, tagOf } from './stage.ts';

const CALL = 'open@h';
const SDP = 'v=0\r\n';

/** An INVITE that rings. */
async function ringing(stage: Stage, status = '180 Ringing', headers: readonly string[] = [], body = '') {
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, headers: ['Supported: 100rel'] }));
  const invite = await stage.app.request('INVITE');
  await stage.respond(invite, status, headers, body);
  const provisional = await stage.peer.next(new RegExp(`^SIP/2\\.0 ${status.slice(0, 3)} `));
  return { invite, provisional, toTag: tagOf(provisional, 'To') };
}

async function prack(stage: Stage, provisional: string, toTag: string): Promise<void> {
  const headers = [`RAck: ${headerOf(provisional, 'RSeq')} 1 INVITE`];
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'PRACK', cseq: 2, headers }));
  await stage.respond(await stage.app.request('PRACK'), '200 OK');
}

describe('BYE in an early dialog', () => {
  it('of the caller: 200 to it, 487 to the INVITE, and the application is told', async () => {
    await using stage = await Stage.set();
    const { invite, toTag } = await ringing(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'BYE', cseq: 2 }));
    await stage.peer.next(/^SIP\/2\.0 200 /, 'BYE');
    const refused = await stage.peer.next(/^SIP\/2\.0 487 /, 'INVITE');
    expect(tagOf(refused, 'To')).toBe(toTag);
    await stage.app.request('BYE');
    const cancel = await stage.app.request('CANCEL');
    // By the INVITE's transaction, as the library looks for it; never on the wire.
    expect([cancel.tokens[2], cancel.tokens[3], cancel.tokens[8]]).toEqual(['network', '0', invite.tokens[8]]);
    expect(headerOf(cancel.message, 'Call-ID')).toBe(CALL);
    const late = await stage.respond(invite, '200 OK');
    expect(late.tokens.slice(3)).toEqual(['NOK', 'Response not sent due to unknown transaction']);
    await stage.settled();
    expect(stage.peer.startLines.filter((line) => / 200 /.test(line))).toEqual([]);
  });

  it('of a callee before its answer: 200 to it, and our INVITE is cancelled', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '180 Ringing', 'callee'));
    await stage.response('180');
    stage.peer.send(requestBack(stage, invite, 'BYE', 1));
    await stage.peer.next(/^SIP\/2\.0 200 /, 'BYE');
    stage.peer.send(reply(await stage.peer.next(/^CANCEL /), '200 OK', 'callee'));
    stage.peer.send(reply(invite, '487 Request Terminated', 'callee'));
    await stage.response('487');
  });
});

it('BYE during a re-INVITE of the same side: 487 to that (RFC 3261 15.1.2)', async () => {
  await using stage = await Stage.set();
  const { toTag } = await stage.callIn(CALL);
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq: 2 }));
  await stage.app.request('INVITE');
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'BYE', cseq: 3 }));
  await stage.peer.next(/^SIP\/2\.0 487 /, '2 INVITE');
  await stage.respond(await stage.app.request('BYE'), '200 OK');
  await stage.peer.next(/^SIP\/2\.0 200 /, 'BYE');
});

describe('a 2xx before the PRACK of a provisional response', () => {
  const reliable = ['Require: 100rel'];

  it('with a session description waits for it (RFC 3262 3)', async () => {
    await using stage = await Stage.set();
    const { invite, provisional, toTag } = await ringing(stage, '183 Session Progress', reliable, SDP);
    const answered = stage.respond(invite, '200 OK', [], SDP);
    await stage.settled();
    expect(stage.peer.startLines.filter((line) => / 200 /.test(line))).toEqual([]);
    expect((await stage.respond(invite, '200 OK')).tokens[4]).toMatch(/waits for the PRACK/);
    await prack(stage, provisional, toTag);
    await stage.peer.next(/^SIP\/2\.0 200 /, 'INVITE');
    expect((await answered).tokens[3]).toBe('OK');
  });

  it('with a session description is refused when the call ends instead', async () => {
    await using stage = await Stage.set({ timers: { ackTimeoutMs: 100 } });
    const { invite } = await ringing(stage, '183 Session Progress', reliable, SDP);
    const { tokens } = await stage.respond(invite, '200 OK', [], SDP);
    expect(tokens.slice(3)).toEqual(['NOK', expect.stringContaining('before the PRACK came')]);
    await stage.peer.next(/^SIP\/2\.0 504 /, 'INVITE');
  });

  it('without one waits for nothing', async () => {
    await using stage = await Stage.set();
    const { invite } = await ringing(stage, '183 Session Progress', reliable);
    await stage.respond(invite, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, 'INVITE');
  });
});

it('two forks with the same RSeq get a PRACK each (RFC 3262 4)', async () => {
  await using stage = await Stage.set();
  await stage.send([`INVITE ${stage.target} SIP/2.0`]);
  const invite = await stage.peer.next(/^INVITE /);
  const headers = ['Require: 100rel', 'RSeq: 7', `Contact: <${stage.target}>`];
  for (const fork of ['a', 'b']) stage.peer.send(reply(invite, '183 Session Progress', fork, headers));
  const { tokens } = await stage.response('183');
  await stage.response('183');
  const tags: string[] = [];
  for (const _ of ['a', 'b']) {
    await stage.send(['PRACK sip:placeholder SIP/2.0', 'RAck: 7 1 INVITE'], `|${tokens[9]}`);
    const received = await stage.peer.next(/^PRACK /);
    tags.push(tagOf(received, 'To'));
    stage.peer.send(reply(received, '200 OK', 'x'));
  }
  expect(tags).toEqual(['a', 'b']);
});

describe('re-INVITE (RFC 3261 14.2)', () => {
  it('while ours is open: 491', async () => {
    await using stage = await Stage.set();
    const { dialogId, invite } = await stage.callOut();
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const ours = await stage.peer.next(/^INVITE /);
    stage.peer.send(requestBack(stage, invite, 'INVITE', 1, [`Contact: <${stage.target}>`]));
    await stage.peer.next(/^SIP\/2\.0 491 /, 'INVITE');
    stage.peer.send(reply(ours, '200 OK', 'callee'));
    await stage.response('200');
    stage.peer.send(requestBack(stage, invite, 'INVITE', 2, [`Contact: <${stage.target}>`]));
    await stage.app.request('INVITE');
  });

  it('of the callee before its answer: 491', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '180 Ringing', 'callee'));
    stage.peer.send(requestBack(stage, invite, 'INVITE', 1, [`Contact: <${stage.target}>`]));
    await stage.peer.next(/^SIP\/2\.0 491 /, 'INVITE');
  });

  it('while one of the same side is open: 500 with Retry-After of 0 to 10 s', async () => {
    await using stage = await Stage.set();
    const { toTag } = await stage.callIn(CALL);
    const again = (cseq: number): string => sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq });
    stage.peer.send(again(2));
    const first = await stage.app.request('INVITE');
    stage.peer.send(again(3));
    const refused = await stage.peer.next(/^SIP\/2\.0 500 /, '3 INVITE');
    expect(headerOf(refused, 'Retry-After')).toMatch(/^(\d|10)$/);
    await stage.respond(first, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 INVITE');
    stage.peer.send(again(4));
    await stage.app.request('INVITE');
  });

  it('before the first INVITE has its answer: 500, too', async () => {
    await using stage = await Stage.set();
    const { toTag } = await ringing(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq: 2 }));
    await stage.peer.next(/^SIP\/2\.0 500 /, '2 INVITE');
  });

  it('of the application while one of the peer is open: 491, and nothing is sent', async () => {
    await using stage = await Stage.set();
    const { toTag, dialogId } = await stage.callIn(CALL);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq: 2 }));
    const first = await stage.app.request('INVITE');
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${dialogId}`);
    await stage.response('491');
    await stage.settled();
    expect(stage.peer.startLines.filter((line) => line.startsWith('INVITE '))).toEqual([]);
    await stage.respond(first, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 INVITE');
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${dialogId}`);
    await stage.peer.next(/^INVITE /);
  });
});

describe('UPDATE with an offer (RFC 3311 5.2)', () => {
  const update = (stage: Stage, toTag: string, cseq: number, body = SDP): string =>
    sipRequest(stage.peer, stage.server.sip, { method: 'UPDATE', callId: CALL, toTag, cseq, body });

  it('while a re-INVITE of ours is open: 491', async () => {
    await using stage = await Stage.set();
    const { toTag, dialogId } = await stage.callIn(CALL);
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const ours = await stage.peer.next(/^INVITE /);
    stage.peer.send(update(stage, toTag, 2));
    await stage.peer.next(/^SIP\/2\.0 491 /, 'UPDATE');
    stage.peer.send(update(stage, toTag, 3, '')); // a refresh offers nothing
    await stage.app.request('UPDATE');
    stage.peer.send(reply(ours, '200 OK', 'x'));
    await stage.response('200');
  });

  it('while a re-INVITE of the same side is open: 500 with Retry-After', async () => {
    await using stage = await Stage.set();
    const { toTag } = await stage.callIn(CALL);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq: 2 }));
    const open = await stage.app.request('INVITE');
    stage.peer.send(update(stage, toTag, 3));
    const refused = await stage.peer.next(/^SIP\/2\.0 500 /, 'UPDATE');
    expect(headerOf(refused, 'Retry-After')).toMatch(/^(\d|10)$/);
    await stage.respond(open, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 INVITE');
    stage.peer.send(update(stage, toTag, 4));
    await stage.app.request('UPDATE');
  });

  it('before the first INVITE has its answer is for the application', async () => {
    await using stage = await Stage.set();
    const { toTag } = await ringing(stage);
    stage.peer.send(update(stage, toTag, 2));
    await stage.app.request('UPDATE');
  });
});

it('a BYE of both sides at once: each is answered', async () => {
  await using stage = await Stage.set();
  const { toTag, dialogId } = await stage.callIn(CALL);
  await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
  const ours = await stage.peer.next(/^BYE /);
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'BYE', callId: CALL, toTag, cseq: 2 }));
  await stage.respond(await stage.app.request('BYE'), '200 OK');
  await stage.peer.next(/^SIP\/2\.0 200 /, 'BYE');
  stage.peer.send(reply(ours, '481 Gone', 'x'));
  await stage.response('481');
});
