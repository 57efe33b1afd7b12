/** Calls of the application: RFC 3261 9.1, 12.2, 13.2; RFC 3262 4; RFC 3311. */
import { describe, expect, it } from 'vitest';
import { headerOf } from '../drachtio-hostile/call.ts';
import { reply, requestBack, Stage, tagOf } from './stage.ts';

const branchOf = (message: string): string => /;branch=([^;\s]+)/.exec(headerOf(message, 'Via'))?.[1] ?? '';

describe('CANCEL', () => {
  it('waits for a provisional response, and has branch and CSeq number of its INVITE', async () => {
    await using stage = await Stage.set();
    const { tokens } = await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    const cancelled = await stage.send([`CANCEL ${stage.target} SIP/2.0`, 'reason: SIP;cause=200'], `${tokens[10]}|`);
    expect(cancelled.tokens[3]).toBe('OK');
    await stage.settled();
    expect(stage.peer.startLines).toEqual([]);
    stage.peer.send(reply(invite, '100 Trying', 'x'));
    const cancel = await stage.peer.next(/^CANCEL /);
    expect(branchOf(cancel)).toBe(branchOf(invite));
    expect(headerOf(cancel, 'CSeq')).toBe(headerOf(invite, 'CSeq').replace('INVITE', 'CANCEL'));
    expect(headerOf(cancel, 'Reason')).toBe('SIP;cause=200');
    stage.peer.send(reply(cancel, '200 OK', 'callee'));
    stage.peer.send(reply(invite, '487 Request Terminated', 'callee'));
    expect((await stage.response('487')).tokens[8]).toBe(tokens[10]);
    await stage.peer.next(/^ACK /);
  });

  it('that loses the race with a 200 ends in ACK and BYE, and the application hears of it', async () => {
    await using stage = await Stage.set();
    const { tokens } = await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '180 Ringing', 'callee'));
    const { tokens: ringing } = await stage.response('180');
    await stage.send([`CANCEL ${stage.target} SIP/2.0`], `${tokens[10]}|`);
    await stage.peer.next(/^CANCEL /);
    stage.peer.send(reply(invite, '200 OK', 'callee'));
    await stage.response('200');
    expect(stage.peer.startLines).toEqual([]);
    await stage.send(['ACK sip:placeholder SIP/2.0'], `|${ringing[9]}`);
    await stage.peer.next(/^ACK /);
    const bye = await stage.peer.next(/^BYE /);
    expect(tagOf(bye, 'To')).toBe('callee');
    const seen = await stage.app.request('BYE');
    expect(seen.tokens.slice(8, 10)).toEqual(['unsolicited', ringing[9]]);
    expect(headerOf(seen.message, 'Reason')).toContain('cancel race');
  });

  it('that nobody answers ends in a 487 of our own (RFC 3261 9.1)', async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 10 } });
    const { tokens } = await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    stage.peer.send(reply(await stage.peer.next(/^INVITE /), '180 Ringing', 'callee'));
    await stage.response('180');
    await stage.send([`CANCEL ${stage.target} SIP/2.0`], `${tokens[10]}|`);
    const final = await stage.response('487');
    expect([final.tokens[3], final.tokens[8]]).toEqual(['0', tokens[10]]);
  });
});

describe('2xx', () => {
  it('of a second fork is acknowledged and hung up; the application sees the first', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    const contact = [`Contact: <${stage.target}>`];
    for (const fork of ['a', 'b']) stage.peer.send(reply(invite, '180 Ringing', fork, contact));
    stage.peer.send(reply(invite, '200 OK', 'a', contact));
    stage.peer.send(reply(invite, '200 OK', 'b', contact));
    const ack = await stage.peer.next(/^ACK /);
    const bye = await stage.peer.next(/^BYE /);
    expect([tagOf(ack, 'To'), tagOf(bye, 'To')]).toEqual(['b', 'b']);
    stage.peer.send(reply(bye, '200 OK', 'b'));
    stage.peer.send(reply(invite, '200 OK', 'b', contact)); // the ACK was lost
    expect(tagOf(await stage.peer.next(/^ACK /), 'To')).toBe('b');
    const answer = await stage.response('200');
    expect(tagOf(answer.message, 'To')).toBe('a');
    await stage.send(['ACK sip:placeholder SIP/2.0'], `|${answer.tokens[9]}`);
    expect(tagOf(await stage.peer.next(/^ACK /), 'To')).toBe('a');
    await stage.settled();
    expect(stage.peer.startLines).toEqual([]);
    expect(stage.app.untaken.filter(({ message }) => message.startsWith('SIP/2.0 200'))).toEqual([]);
  });

  it('that comes again is not passed up again; its ACK is repeated, once there is one', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    const ok = reply(invite, '200 OK', 'callee');
    stage.peer.send(ok);
    stage.peer.send(ok);
    const { tokens } = await stage.response('200');
    await stage.settled();
    expect(stage.peer.startLines).toEqual([]);
    await stage.send(['ACK sip:placeholder SIP/2.0', 'content-type: application/sdp'], `|${tokens[9]}`, 'v=0\r\n');
    const ack = await stage.peer.next(/^ACK /);
    expect(ack).toMatch(/\r\nContent-Length: 5\r\n\r\nv=0\r\n$/);
    stage.peer.send(ok);
    expect(await stage.peer.next(/^ACK /)).toBe(ack);
    await stage.settled();
    expect(stage.app.untaken).toEqual([]);
  });

  it('to nobody (its application is gone) is acknowledged and hung up', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.app.reset();
    await stage.app.closed();
    stage.peer.send(reply(invite, '200 OK', 'callee'));
    await stage.peer.next(/^ACK /);
    await stage.peer.next(/^BYE /);
  });
});

describe('a refused INVITE', () => {
  it('is acknowledged by the server; the ACK of the library is refused and not sent', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '486 Busy Here', 'callee'));
    const { tokens } = await stage.response('486');
    expect(branchOf(await stage.peer.next(/^ACK /))).toBe(branchOf(invite));
    const own = await stage.send(['ACK sip:placeholder SIP/2.0'], `|${tokens[9]}`);
    expect(own.tokens[3]).toBe('NOK');
    await stage.settled();
    expect(stage.peer.startLines).toEqual([]);
  });
});

describe('when nobody answers', () => {
  it('repeats the request and gives 408 in the end', async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 5 } });
    await stage.send([`OPTIONS ${stage.target} SIP/2.0`]);
    const { tokens, message } = await stage.response('408');
    expect(tokens.slice(3, 7)).toEqual(['0', 'udp', '', '']);
    expect(headerOf(message, 'CSeq')).toMatch(/OPTIONS$/);
    expect(stage.peer.startLines.length).toBeGreaterThan(3);
  });

  it('a name that has no address is a 503, not a refusal', async () => {
    const nobody = { host: '127.0.0.1', port: 9 };
    await using stage = await Stage.set({ nameServer: nobody });
    const { tokens } = await stage.send(['INVITE sip:b@nobody.invalid SIP/2.0']);
    expect(tokens[3]).toBe('OK');
    expect((await stage.response('503')).message).toMatch(/^SIP\/2\.0 503 DNS Error\r\n/);
  });

  it('a name of the host map needs no DNS', async () => {
    await using stage = await Stage.set({
      hosts: { 'Phone.Example': '127.0.0.1' },
      nameServer: { host: '127.0.0.1', port: 9 },
    });
    await stage.send([`OPTIONS sip:b@phone.example:${stage.peer.local.port} SIP/2.0`]);
    expect(await stage.peer.next(/^OPTIONS /)).toMatch(/^OPTIONS sip:b@phone\.example:\d+ SIP/);
  });
});

describe('routing in a dialog', () => {
  it('goes through loose routers, in reverse order of Record-Route', async () => {
    await using stage = await Stage.set();
    const { host, port } = stage.peer.local;
    const routes = `Record-Route: <sip:far.invalid;lr>, <sip:${host}:${port};lr>`;
    const { dialogId } = await stage.callOut([routes, 'Contact: <sip:b@behind.invalid:5080>']);
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const bye = await stage.peer.next(/^BYE /);
    expect(bye).toMatch(/^BYE sip:b@behind\.invalid:5080 SIP/);
    const lines = [...bye.matchAll(/^Route: (.*)\r$/gm)].map(([, value]) => value);
    expect(lines).toEqual([`<sip:${host}:${port};lr>`, '<sip:far.invalid;lr>']);
  });

  it('puts a strict router into the Request-URI', async () => {
    await using stage = await Stage.set();
    const { host, port } = stage.peer.local;
    const { dialogId } = await stage.callOut([
      `Record-Route: <sip:${host}:${port}>`,
      'Contact: <sip:b@behind.invalid>',
    ]);
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const bye = await stage.peer.next(/^BYE /);
    expect(bye).toMatch(new RegExp(`^BYE sip:${host}:${port} SIP`));
    expect(headerOf(bye, 'Route')).toBe('<sip:b@behind.invalid>');
  });

  it('follows the Contact of a re-INVITE (RFC 3261 12.2.2)', async () => {
    await using stage = await Stage.set();
    const { dialogId, invite } = await stage.callOut([`Contact: <${stage.target}>`]);
    const moved = stage.target.replace('sip:b@', 'sip:moved@');
    stage.peer.send(requestBack(stage, invite, 'INVITE', 1, [`Contact: <${moved}>`]));
    await stage.respond(await stage.app.request('INVITE'), '200 OK');
    await stage.peer.next(/^SIP\/2\.0 200 /, 'INVITE');
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(await stage.peer.next(/^BYE /)).toContain(`BYE ${moved} SIP/2.0`);
  });
});

describe('early dialogs', () => {
  it('a reliable provisional response is passed up once; PRACK and UPDATE go to its fork', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`, 'Supported: 100rel']);
    const invite = await stage.peer.next(/^INVITE /);
    const reliable = ['Require: 100rel', 'RSeq: 41', `Contact: <${stage.target}>`];
    for (let sent = 0; sent < 2; sent++) stage.peer.send(reply(invite, '183 Progress', 'a', reliable));
    stage.peer.send(reply(invite, '180 Ringing', 'b'));
    const { tokens } = await stage.response('183');
    await stage.response('180');
    expect(stage.app.untaken).toEqual([]);
    await stage.send(['PRACK sip:placeholder SIP/2.0', 'RAck: 41 1 INVITE'], `|${tokens[9]}`);
    const prack = await stage.peer.next(/^PRACK /);
    expect(tagOf(prack, 'To')).toBe('a');
    stage.peer.send(reply(prack, '200 OK', 'a'));
    expect((await stage.response('200')).tokens[9]).toBe(tokens[9]);
  });

  it('an UPDATE of the callee is passed up with the dialog; a second one meanwhile is refused with 500', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '180 Ringing', 'callee', [`Contact: <${stage.target}>`]));
    const { tokens } = await stage.response('180');
    stage.peer.send(requestBack(stage, invite, 'UPDATE', 5, [`Contact: <${stage.target}>`]));
    const update = await stage.app.request('UPDATE');
    expect(update.tokens[9]).toBe(tokens[9]);
    stage.peer.send(requestBack(stage, invite, 'UPDATE', 6));
    expect(headerOf(await stage.peer.next(/^SIP\/2\.0 500 /, 'UPDATE'), 'Retry-After')).not.toBe('');
    await stage.respond(update, '200 OK');
    expect(headerOf(await stage.peer.next(/^SIP\/2\.0 200 /, 'UPDATE'), 'Contact')).not.toBe('');
    stage.peer.send(requestBack(stage, invite, 'UPDATE', 7));
    await stage.app.request('UPDATE');
  });
});

describe('inside a dialog', () => {
  it('a BYE during a re-INVITE cancels that first', async () => {
    await using stage = await Stage.set();
    const { dialogId } = await stage.callOut();
    await stage.send(['INVITE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const again = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(again, '100 Trying', 'callee'));
    await stage.settled();
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    await expect
      .poll(() => stage.peer.startLines)
      .toEqual([expect.stringMatching(/^CANCEL /), expect.stringMatching(/^BYE /)]);
  });

  it('From, To and CSeq are those of the dialog, whatever the application writes', async () => {
    await using stage = await Stage.set();
    const { dialogId, invite } = await stage.callOut();
    const wrong = [
      'From: <sip:x@x>;tag=x',
      'To: <sip:y@y>;tag=y',
      'CSeq: 99 INFO',
      'Call-ID: other',
      'Via: x',
      'Route: <sip:z>',
    ];
    await stage.send(['INFO sip:placeholder SIP/2.0', ...wrong, 'x-kept: as typed'], `|${dialogId}`);
    const info = await stage.peer.next(/^INFO /);
    expect(headerOf(info, 'From')).toBe(headerOf(invite, 'From'));
    expect(tagOf(info, 'To')).toBe('callee');
    expect(headerOf(info, 'Call-ID')).toBe(headerOf(invite, 'Call-ID'));
    expect(headerOf(info, 'CSeq')).toBe('2 INFO');
    expect(info).not.toMatch(/^Route:/m);
    expect(info).toMatch(/^x-kept: as typed\r$/m);
  });

  it('the final response to BYE ends it, a challenge does not', async () => {
    await using stage = await Stage.set();
    const { dialogId } = await stage.callOut();
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    stage.peer.send(reply(await stage.peer.next(/^BYE /), '407 Proxy Authentication Required', 'callee'));
    await stage.response('407');
    const { tokens } = await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(tokens[3]).toBe('OK');
    stage.peer.send(reply(await stage.peer.next(/^BYE /), '200 OK', 'callee'));
    await stage.response('200');
    const gone = await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(gone.tokens.slice(3)).toEqual(['NOK', expect.stringMatching(/unable to find dialog/i)]);
  });
});

describe('a request outside any dialog', () => {
  it('is completed: what is missing is added, what is not the business of the application is dropped', async () => {
    await using stage = await Stage.set();
    const given = ['content-length: 3', 'via: x', 'record-route: <sip:x>', 'ms-sensitivity: private', 'x-odd-CASE: 1'];
    await stage.send(
      [`INVITE ${stage.target} SIP/2.0`, 'from: <sip:me@localhost>', 'subject: größer', ...given],
      '|',
      'v=0\r\ns=Straße\r\n',
    );
    const invite = await stage.peer.next(/^INVITE /);
    const { host, port } = stage.server.sip;
    const lines = invite.split('\r\n').filter((line) => !/^(Via|Call-ID):/.test(line));
    expect(lines.map((line) => line.replace(/tag=\w+/, 'tag=T'))).toEqual([
      `INVITE ${stage.target} SIP/2.0`,
      'Max-Forwards: 70',
      `From: <sip:me@${host}:${port}>;tag=T`,
      `To: <${stage.target}>`,
      'CSeq: 1 INVITE',
      `Contact: <sip:${host}:${port}>`,
      'Subject: größer',
      'Ms-Sensitivity: private',
      'x-odd-CASE: 1',
      'Content-Type: application/sdp',
      `Content-Length: ${Buffer.byteLength('v=0\r\ns=Straße\r\n')}`,
      '',
      'v=0',
      's=Straße',
      '',
    ]);
  });

  it.for(['sip:HOST', 'HOST', '<sip:HOST;lr>', 'sip:HOST;transport=udp'])('goes to the next hop %s', async (form) => {
    await using stage = await Stage.set();
    const { host, port } = stage.peer.local;
    await stage.send(['REGISTER sip:elsewhere.invalid SIP/2.0'], `||${form.replace('HOST', `${host}:${port}`)}`);
    const register = await stage.peer.next(/^REGISTER sip:elsewhere\.invalid SIP/);
    expect(register).not.toMatch(/^(Route|Contact):/m);
  });

  it('keeps Call-ID, tag and CSeq that the application gives: a second attempt with credentials needs them', async () => {
    await using stage = await Stage.set();
    const given = ['From: <sip:a@h>;tag=mine', 'Call-ID: again@h', 'CSeq: 8 REGISTER'];
    await stage.send([`REGISTER ${stage.target} SIP/2.0`, ...given]);
    const register = await stage.peer.next(/^REGISTER /);
    expect(['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(register, name)}`)).toEqual(given);
  });
});
