/** Requests of the network: RFC 3261 8.2, 12.1.1, 13.3.1.4; RFC 3262 3; RFC 3311; RFC 6665. */
import { describe, expect, it } from 'vitest';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { FakeClock } from '../sip/fake-clock.ts';
import { reply, requestBack, Stage, tagOf } from './stage.ts';

const FAST = { timers: { t1Ms: 5, ackTimeoutMs: 60_000 } };

describe.for(['udp', 'tcp'] as const)('the 200 to an INVITE over %s', (transport) => {
  it('is repeated until its ACK (RFC 3261 13.3.1.4), which is passed up once', async () => {
    const clock = new FakeClock();
    await using stage = await Stage.set({ clock }, transport);
    const callId = `repeat-${transport}@h`;
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId }));
    const request = await stage.app.request('INVITE');
    await stage.respond(request, '200 OK');
    const first = await stage.peer.next(/^SIP\/2\.0 200 /);
    for (const intervalMs of [500, 1_000, 2_000, 4_000, 4_000]) {
      clock.advance(intervalMs - 1);
      await stage.settled();
      expect(stage.peer.startLines.filter((line) => line.includes(' 200 '))).toEqual([]);
      clock.advance(1);
      expect(await stage.peer.next(/^SIP\/2\.0 200 /)).toBe(first);
    }
    const ack = sipRequest(stage.peer, stage.server.sip, { method: 'ACK', callId, toTag: tagOf(first, 'To') });
    stage.peer.send(ack);
    stage.peer.send(ack);
    expect((await stage.app.request('ACK')).tokens[8]).toBe(request.tokens[8]);
    clock.advance(60_000);
    await stage.settled();
    expect(stage.peer.startLines.filter((line) => line.includes(' 200 '))).toEqual([]);
    expect(stage.app.untaken).toEqual([]);
  });
});

describe('a refusal', () => {
  it('is repeated over UDP until its ACK, which is not passed up', async () => {
    await using stage = await Stage.set(FAST);
    const invite = sipRequest(stage.peer, stage.server.sip, {});
    stage.peer.send(invite);
    await stage.respond(await stage.app.request('INVITE'), '486 Busy Here');
    const busy = await stage.peer.next(/^SIP\/2\.0 486 /);
    expect(await stage.peer.next(/^SIP\/2\.0 486 /)).toBe(busy);
    stage.peer.send(invite.replaceAll('INVITE', 'ACK').replace(/^(To: .*)\r$/m, `$1;tag=${tagOf(busy, 'To')}\r`));
    await stage.settled();
    expect(stage.app.untaken).toEqual([]);
  });
});

describe('reliable provisional responses', () => {
  const supported = { headers: ['Supported: timer, 100rel'] };
  const prack = (stage: Stage, call: { callId: string; toTag: string }, rseq: number | string, cseq = 2): string =>
    sipRequest(stage.peer, stage.server.sip, { ...call, method: 'PRACK', cseq, headers: [`RAck: ${rseq} 1 INVITE`] });

  it('are repeated until their PRACK, which the application answers', async () => {
    await using stage = await Stage.set(FAST);
    const callId = 'prack@h';
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId, ...supported }));
    const invite = await stage.app.request('INVITE');
    const echo = await stage.respond(invite, '183 Session Progress', ['Require: 100rel']);
    const progress = await stage.peer.next(/^SIP\/2\.0 183 /);
    expect(await stage.peer.next(/^SIP\/2\.0 183 /)).toBe(progress);
    expect(headerOf(progress, 'Contact')).not.toBe('');
    const call = { callId, toTag: tagOf(progress, 'To') };
    const rseq = Number(headerOf(progress, 'RSeq'));
    stage.peer.send(prack(stage, call, rseq + 1));
    await stage.peer.next(/^SIP\/2\.0 481 /, 'PRACK');
    stage.peer.send(prack(stage, call, rseq, 3));
    const passed = await stage.app.request('PRACK');
    expect(passed.tokens[9]).toBe(echo.tokens[11]);
    await stage.respond(passed, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, 'PRACK');
    const second = await stage.respond(invite, '180 Ringing', ['Require: 100rel']);
    expect(headerOf(second.message, 'RSeq')).toBe(String(rseq + 1));
  });

  it('are acknowledged after the final response, too (RFC 3262 3)', async () => {
    await using stage = await Stage.set();
    const callId = 'late-prack@h';
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId, ...supported }));
    const invite = await stage.app.request('INVITE');
    const { message } = await stage.respond(invite, '183 Session Progress', ['Require: 100rel']);
    await stage.respond(invite, '200 OK');
    stage.peer.send(prack(stage, { callId, toTag: tagOf(message, 'To') }, headerOf(message, 'RSeq')));
    await stage.app.request('PRACK');
  });

  it('that nobody acknowledges end the call with 504', async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 5 } });
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, supported));
    await stage.respond(await stage.app.request('INVITE'), '183 Session Progress', ['Require: 100rel']);
    await stage.peer.next(/^SIP\/2\.0 504 /);
  });

  it('are refused when the caller does not know them', async () => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, {}));
    const { tokens } = await stage.respond(await stage.app.request('INVITE'), '183 Progress', ['Require: 100rel']);
    expect(tokens.slice(3)).toEqual(['NOK', 'Remote endpoint does not support 100rel']);
  });
});

describe('early UPDATE', () => {
  it('is passed up with the dialog; a second one meanwhile is refused with 500', async () => {
    await using stage = await Stage.set();
    const callId = 'early-update@h';
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId }));
    const echo = await stage.respond(await stage.app.request('INVITE'), '180 Ringing');
    const call = { callId, toTag: tagOf(await stage.peer.next(/^SIP\/2\.0 180 /), 'To'), method: 'UPDATE' };
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { ...call, cseq: 2 }));
    const update = await stage.app.request('UPDATE');
    expect(update.tokens[9]).toBe(echo.tokens[11]);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { ...call, cseq: 3 }));
    await stage.peer.next(/^SIP\/2\.0 500 /, '3 UPDATE');
    await stage.respond(update, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 UPDATE');
  });
});

describe('outside a dialog', () => {
  it.for(['MESSAGE', 'PUBLISH', 'REFER', 'INFO', 'SUBSCRIBE', 'NOTIFY', 'OPTIONS', 'REGISTER'])(
    '%s is passed up and answered by the application',
    async (method) => {
      await using stage = await Stage.set();
      stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method }));
      const request = await stage.app.request(method);
      expect(request.tokens[9]).toBe('');
      await stage.respond(request, '202 Accepted');
      await stage.peer.next(/^SIP\/2\.0 202 /, method);
    },
  );

  it.for(['BYE', 'UPDATE', 'PRACK'])('%s is answered with 481', async (method) => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method }));
    await stage.peer.next(/^SIP\/2\.0 481 /, method);
    expect(stage.app.untaken).toEqual([]);
  });

  it('a body keeps its bytes in both directions, whatever they mean', async () => {
    await using stage = await Stage.set();
    const text = 'Straße 日本語 — ✓\r\n\r\n#|\r\n';
    const headers = ['Content-Type: text/plain;charset=utf-8'];
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'MESSAGE', headers, body: text }));
    const request = await stage.app.request('MESSAGE');
    expect(request.message.endsWith(`\r\n\r\n${text}`)).toBe(true);
    await stage.respond(request, '200 OK', ['content-type: text/plain', 'content-length: 1'], text);
    const answer = await stage.peer.next(/^SIP\/2\.0 200 /, 'MESSAGE');
    expect(answer.endsWith(`\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`)).toBe(true);
  });
});

describe('a dialog', () => {
  it('follows the Record-Route of the caller, in order', async () => {
    await using stage = await Stage.set();
    const { host, port } = stage.peer.local;
    const routes = [`<sip:${host}:${port};lr>`, '<sip:near-the-caller.invalid;lr>'];
    const { dialogId, answer } = await stage.callIn(
      'routes@h',
      routes.map((route) => `Record-Route: ${route}`),
    );
    expect([...answer.matchAll(/^Record-Route: (.*)\r$/gm)].map(([, value]) => value)).toEqual(routes);
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const bye = await stage.peer.next(/^BYE sip:peer@/);
    expect([...bye.matchAll(/^Route: (.*)\r$/gm)].map(([, value]) => value)).toEqual(routes);
  });

  it('is over with the BYE: a second one is answered with 481', async () => {
    await using stage = await Stage.set();
    const callId = 'twice@h';
    const { toTag, dialogId } = await stage.callIn(callId);
    const bye = { callId, toTag, method: 'BYE' };
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { ...bye, cseq: 2 }));
    const request = await stage.app.request('BYE');
    expect(request.tokens[9]).toBe(dialogId);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { ...bye, cseq: 3 }));
    await stage.peer.next(/^SIP\/2\.0 481 /, '3 BYE');
    await stage.respond(request, '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 BYE');
  });

  it('that ends at once is shown to the application a moment after it began (drachtio-srf 5.0.29 loses it otherwise)', async () => {
    const clock = new FakeClock();
    await using stage = await Stage.set({ clock });
    const callId = 'short@h';
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId }));
    await stage.respond(await stage.app.request('INVITE'), '200 OK');
    const toTag = tagOf(await stage.peer.next(/^SIP\/2\.0 200 /), 'To');
    clock.advance(2);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId, toTag, method: 'ACK' }));
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId, toTag, method: 'BYE', cseq: 2 }));
    await stage.settled();
    expect(stage.app.untaken).toEqual([]);
    clock.advance(1);
    await stage.app.request('ACK');
    await stage.app.request('BYE');
  });

  it('to a caller that gave the application a tag keeps that tag', async () => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, {}));
    const request = await stage.app.request('INVITE');
    const to = headerOf(request.message, 'To');
    await stage.send(['SIP/2.0 180 Ringing', `To: ${to};tag=mine`], `${request.tokens[8]}|`);
    expect(tagOf(await stage.peer.next(/^SIP\/2\.0 180 /), 'To')).toBe('mine');
    await stage.respond(request, '200 OK');
    expect(tagOf(await stage.peer.next(/^SIP\/2\.0 200 /), 'To')).toBe('mine');
  });

  it('a re-INVITE without Contact is refused with 400', async () => {
    await using stage = await Stage.set();
    const callId = 'no-contact@h';
    const { toTag } = await stage.callIn(callId);
    const again = sipRequest(stage.peer, stage.server.sip, { callId, toTag, cseq: 2 });
    stage.peer.send(again.replace(/^Contact:.*\r\n/m, ''));
    await stage.peer.next(/^SIP\/2\.0 400 /, '2 INVITE');
  });
});

describe('a subscription', () => {
  it('ends with the answer to the NOTIFY that terminates it, and not before', async () => {
    await using stage = await Stage.set();
    const headers = ['Event: presence', 'Expires: 60'];
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'SUBSCRIBE', headers }));
    const echo = await stage.respond(await stage.app.request('SUBSCRIBE'), '202 Accepted', ['Expires: 60']);
    const dialogId = echo.tokens[11];
    for (const state of ['active;expires=60', 'terminated;reason=timeout']) {
      const notify = ['NOTIFY sip:placeholder SIP/2.0', 'Event: presence', `Subscription-State: ${state}`];
      expect((await stage.send(notify, `|${dialogId}`)).tokens[3]).toBe('OK');
      stage.peer.send(reply(await stage.peer.next(/^NOTIFY sip:peer@/), '200 OK', 'x'));
      await stage.response('200');
    }
    const late = await stage.send(['NOTIFY sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(late.tokens.slice(3)).toEqual(['NOK', expect.stringMatching(/unable to find dialog/i)]);
  });
});

describe('a subscription of the application', () => {
  it('takes the NOTIFY that overtakes the 200, and ends with the answer to the last NOTIFY', async () => {
    await using stage = await Stage.set();
    await stage.send([`SUBSCRIBE ${stage.target} SIP/2.0`, 'Event: presence']);
    const subscribe = await stage.peer.next(/^SUBSCRIBE /);
    const active = ['Event: presence', 'Subscription-State: active', `Contact: <${stage.target}>`];
    stage.peer.send(requestBack(stage, subscribe, 'NOTIFY', 1, active));
    const first = await stage.app.request('NOTIFY');
    expect(first.tokens[9]).toMatch(/;from-tag=/);
    await stage.respond(first, '200 OK');
    stage.peer.send(reply(subscribe, '200 OK', 'callee', ['Expires: 60']));
    expect((await stage.response('200')).tokens[9]).toBe(first.tokens[9]);
    const terminated = ['Event: presence', 'Subscription-State: terminated;reason=timeout'];
    stage.peer.send(requestBack(stage, subscribe, 'NOTIFY', 2, terminated));
    await stage.respond(await stage.app.request('NOTIFY'), '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, '2 NOTIFY');
    stage.peer.send(requestBack(stage, subscribe, 'NOTIFY', 3, active));
    await stage.peer.next(/^SIP\/2\.0 481 /, '3 NOTIFY');
  });
});

describe('an application that goes', () => {
  it('leaves 503 for its open requests and 481 for its dialogs', async () => {
    await using stage = await Stage.set();
    const callId = 'orphan@h';
    const { toTag } = await stage.callIn(callId);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, {}));
    await stage.app.request('INVITE');
    stage.app.reset();
    await stage.peer.next(/^SIP\/2\.0 503 /, 'INVITE');
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId, toTag, method: 'INFO', cseq: 2 }));
    await stage.peer.next(/^SIP\/2\.0 481 /, 'INFO');
  });
});

describe('a second final response', () => {
  it.for([
    ['200 OK', '200 OK'],
    ['200 OK', '486 Busy Here'],
    ['486 Busy Here', '200 OK'],
  ] as const)('after %s: %s is refused, and not sent', async ([first, second]) => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: 'twice@h' }));
    const invite = await stage.app.request('INVITE');
    await stage.respond(invite, first);
    const { tokens } = await stage.respond(invite, second);
    expect(tokens.slice(3)).toEqual(['NOK', 'Response not sent due to unknown transaction']);
    await stage.settled();
    const finals = stage.peer.startLines.filter((line) => !line.startsWith('SIP/2.0 100 '));
    expect(new Set(finals)).toEqual(new Set([`SIP/2.0 ${first}`]));
  });
});

describe('a CANCEL', () => {
  it('for nothing is answered with 481', async () => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'CANCEL' }));
    await stage.peer.next(/^SIP\/2\.0 481 /, 'CANCEL');
  });

  it('after a refusal is answered with 200 and changes nothing (RFC 3261 9.2)', async () => {
    await using stage = await Stage.set();
    const invite = sipRequest(stage.peer, stage.server.sip, { callId: 'cancel-of-refused@h' });
    stage.peer.send(invite);
    await stage.respond(await stage.app.request('INVITE'), '486 Busy Here');
    stage.peer.send(invite.replaceAll('INVITE', 'CANCEL'));
    await stage.peer.next(/^SIP\/2\.0 200 /, 'CANCEL');
    await stage.settled();
    expect(stage.app.untaken).toEqual([]);
  });

  it('after the 2xx is answered with 481 and changes nothing, as the C++ server has it', async () => {
    await using stage = await Stage.set();
    const invite = sipRequest(stage.peer, stage.server.sip, { callId: 'late-cancel@h' });
    stage.peer.send(invite);
    const echo = await stage.respond(await stage.app.request('INVITE'), '200 OK');
    stage.peer.send(invite.replaceAll('INVITE', 'CANCEL'));
    await stage.peer.next(/^SIP\/2\.0 481 /, 'CANCEL');
    await stage.settled();
    expect(stage.app.untaken).toEqual([]);
    const bye = await stage.send(['BYE sip:placeholder SIP/2.0'], `|${echo.tokens[11]}`);
    expect(bye.tokens[3]).toBe('OK');
  });
});

it('a request that its application never answers is forgotten after 64 s: it would be a new one', async () => {
  const clock = new FakeClock();
  await using stage = await Stage.set({ clock });
  const options = sipRequest(stage.peer, stage.server.sip, { method: 'OPTIONS' });
  stage.peer.send(options);
  const first = await stage.app.request('OPTIONS');
  clock.advance(63_999);
  stage.peer.send(options);
  await stage.settled();
  expect(stage.app.untaken).toEqual([]);
  clock.advance(1);
  stage.peer.send(options);
  const second = await stage.app.request('OPTIONS');
  expect((await stage.respond(first, '200 OK')).tokens[3]).toBe('NOK');
  expect((await stage.respond(second, '200 OK')).tokens[3]).toBe('OK');
});

it('a dialog over TCP stays on its connection, whatever port the Contact names', async () => {
  await using stage = await Stage.set({}, 'tcp');
  const invite = sipRequest(stage.peer, stage.server.sip, {});
  stage.peer.send(invite.replace(/^Contact: .*\r$/m, 'Contact: <sip:peer@127.0.0.1:9;transport=tcp>\r'));
  const { tokens } = await stage.respond(await stage.app.request('INVITE'), '200 OK');
  await stage.send(['BYE sip:placeholder SIP/2.0'], `|${tokens[11]}`);
  await stage.peer.next(/^BYE /);
});
