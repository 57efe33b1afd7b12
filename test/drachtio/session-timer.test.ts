/** Sessions that have to be refreshed: RFC 4028. The server does it; the application only hears of the end. */
import { describe, expect, it } from 'vitest';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { reply, requestBack, Stage, tagOf } from './stage.ts';

const CALL = 'session@h';
const SDP = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n';

/** The caller asks for a session; the application answers, and may say something of its own. */
async function answered(stage: Stage, asked: readonly string[], given: readonly string[] = []) {
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, headers: asked }));
  await stage.respond(await stage.app.request('INVITE'), '200 OK', given, SDP);
  const answer = await stage.peer.next(/^SIP\/2\.0 200 /, 'INVITE');
  const toTag = tagOf(answer, 'To');
  stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'ACK' }));
  await stage.app.request('ACK');
  return { answer, toTag };
}

describe('the 2xx of a callee', () => {
  it.for([
    [
      'says what the caller asked for',
      ['Supported: timer', 'Session-Expires: 1800;refresher=uas'],
      '1800;refresher=uas',
      'timer',
    ],
    ['leaves it to a caller that can', ['Supported: timer', 'x: 1800'], '1800;refresher=uac', 'timer'],
    ['does it itself for one that cannot', ['Session-Expires: 1800'], '1800;refresher=uas', ''],
    ['says nothing to one that did not ask', ['Supported: timer'], '', ''],
  ] as const)('%s', async ([, asked, session, required]) => {
    await using stage = await Stage.set();
    const { answer } = await answered(stage, asked);
    expect([headerOf(answer, 'Session-Expires'), headerOf(answer, 'Require')]).toEqual([session, required]);
  });

  it('keeps what the application says', async () => {
    await using stage = await Stage.set();
    const asked = ['Supported: timer', 'Session-Expires: 1800'];
    const { answer } = await answered(stage, asked, ['Session-Expires: 600;refresher=uas', 'Require: timer']);
    expect(headerOf(answer, 'Session-Expires')).toBe('600;refresher=uas');
    expect([...answer.matchAll(/^(Require|Session-Expires):/gm)]).toHaveLength(2);
  });
});

describe('a refresher', () => {
  const asked = ['Supported: timer', 'Session-Expires: 2;refresher=uas'];

  it('sends UPDATE to who knows it, again and again, and the application hears nothing', async () => {
    await using stage = await Stage.set();
    const { toTag } = await answered(stage, [...asked, 'Allow: INVITE, UPDATE']);
    for (let turn = 0; turn < 3; turn++) {
      const update = await stage.peer.next(/^UPDATE /);
      expect(tagOf(update, 'From')).toBe(toTag);
      expect([headerOf(update, 'Session-Expires'), headerOf(update, 'Supported')]).toEqual([
        '2;refresher=uac',
        'timer',
      ]);
      stage.peer.send(reply(update, '200 OK', 'x', ['Session-Expires: 2;refresher=uac']));
    }
    expect(stage.app.untaken).toEqual([]);
  });

  it('sends a re-INVITE with the same session description to who does not, and the ACK', async () => {
    await using stage = await Stage.set();
    await answered(stage, asked);
    const invite = await stage.peer.next(/^INVITE /);
    expect(invite.split('\r\n\r\n')[1]).toBe(SDP);
    expect(headerOf(invite, 'Content-Type')).toBe('application/sdp');
    stage.peer.send(reply(invite, '200 OK', 'x', ['Session-Expires: 2;refresher=uac']));
    expect(headerOf(await stage.peer.next(/^ACK /), 'CSeq')).toBe(headerOf(invite, 'CSeq').replace('INVITE', 'ACK'));
    await stage.peer.next(/^INVITE /); // the next one
    expect(stage.app.untaken).toEqual([]);
  });

  it('takes a session of years for one that lasts', async () => {
    await using stage = await Stage.set();
    await answered(stage, ['Supported: timer', 'Session-Expires: 999999999;refresher=uas', 'Allow: UPDATE']);
    // Both timers are longer than Node.js has any: those it lets come at once.
    for (let turn = 0; turn < 3; turn++) await stage.settled();
    expect(stage.peer.startLines.filter((line) => /^(BYE|UPDATE) /.test(line))).toEqual([]);
    expect(stage.app.untaken).toEqual([]);
  });

  it('as the caller does so, too, when the callee leaves it to us', async () => {
    await using stage = await Stage.set();
    await stage.callOut([`Contact: <${stage.target}>`, 'Session-Expires: 2;refresher=uac', 'Allow: UPDATE']);
    await stage.peer.next(/^UPDATE /);
  });

  it('whom nobody answers hangs up in time, and the application is told', async () => {
    await using stage = await Stage.set();
    await answered(stage, asked);
    const bye = await stage.app.request('BYE');
    expect(bye.tokens[8]).toBe('unsolicited');
    expect(headerOf(bye.message, 'Reason')).toContain('Session timer expired');
    await stage.peer.next(/^BYE /);
  });

  it('to whom a refresh is refused with 481 hangs up at once', async () => {
    await using stage = await Stage.set();
    await answered(stage, ['Supported: timer', 'Session-Expires: 4;refresher=uas', 'Allow: UPDATE']);
    stage.peer.send(reply(await stage.peer.next(/^UPDATE /), '481 Gone', 'x'));
    await stage.app.request('BYE');
  });

  it('that is asked to wait (491) tries again', async () => {
    await using stage = await Stage.set();
    await answered(stage, ['Supported: timer', 'Session-Expires: 4;refresher=uas', 'Allow: UPDATE']);
    stage.peer.send(reply(await stage.peer.next(/^UPDATE /), '491 Request Pending', 'x'));
    await stage.peer.next(/^UPDATE /);
  });

  it('keeps an INVITE of the application from crossing its own: 491, and nothing is sent', async () => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, headers: asked }));
    const { tokens } = await stage.respond(await stage.app.request('INVITE'), '200 OK', [], SDP);
    const refresh = await stage.peer.next(/^INVITE /);
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${tokens[11]}`, '');
    await stage.response('491');
    stage.peer.send(reply(refresh, '200 OK', 'x', ['Session-Expires: 1800;refresher=uac']));
    await stage.peer.next(/^ACK /);
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${tokens[11]}`, '');
    await stage.peer.next(/^INVITE /);
  });
});

describe('who waits to be refreshed', () => {
  it('hangs up shortly before the end', async () => {
    await using stage = await Stage.set();
    await answered(stage, ['Supported: timer', 'Session-Expires: 1;refresher=uac']);
    await stage.peer.next(/^BYE /);
    expect(headerOf((await stage.app.request('BYE')).message, 'Reason')).toContain('Session timer expired');
  });

  it('goes on when it is: each refresh begins the session again', async () => {
    await using stage = await Stage.set();
    const { toTag } = await answered(stage, ['Supported: timer', 'Session-Expires: 1;refresher=uac']);
    const headers = ['Supported: timer', 'Session-Expires: 1800;refresher=uac'];
    stage.peer.send(
      sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'UPDATE', cseq: 2, headers }),
    );
    await stage.respond(await stage.app.request('UPDATE'), '200 OK');
    const refreshed = await stage.peer.next(/^SIP\/2\.0 200 /, 'UPDATE');
    expect(headerOf(refreshed, 'Session-Expires')).toBe('1800;refresher=uac');
    const later = await Stage.set();
    await answered(later, ['Supported: timer', 'Session-Expires: 1;refresher=uac']); // this one is not refreshed
    await later.app.request('BYE');
    await later[Symbol.asyncDispose]();
    expect(stage.app.untaken).toEqual([]);
  });

  it('as the caller does so, too', async () => {
    await using stage = await Stage.set();
    await stage.callOut([`Contact: <${stage.target}>`, 'Session-Expires: 1;refresher=uas']);
    await stage.peer.next(/^BYE /);
    await stage.app.request('BYE');
  });
});

it('a refresh that asks for less than 90 s is refused with Min-SE (RFC 4028 5), unless the session is as short', async () => {
  await using stage = await Stage.set();
  const { invite } = await stage.callOut([`Contact: <${stage.target}>`, 'Session-Expires: 1800;refresher=uas']);
  stage.peer.send(requestBack(stage, invite, 'UPDATE', 1, ['Session-Expires: 30;refresher=uac']));
  const refused = await stage.peer.next(/^SIP\/2\.0 422 /, 'UPDATE');
  expect(headerOf(refused, 'Min-SE')).toBe('90');
  stage.peer.send(requestBack(stage, invite, 'UPDATE', 2, ['Session-Expires: 90;refresher=uac']));
  await stage.app.request('UPDATE');
});
