/** Requests that an application passes on: RFC 3261 16. */
import { describe, expect, it } from 'vitest';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import type { Frame } from '../drachtio-hostile/raw-control.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { reply, Stage, tagOf } from './stage.ts';

interface Order {
  readonly remain?: boolean;
  readonly redirects?: boolean;
  readonly simultaneous?: boolean;
  readonly provisionalTimeout?: string;
  readonly finalTimeout?: string;
  readonly headers?: readonly string[];
}

/** The application passes a request on; @returns the id of its command. */
function passOn(stage: Stage, request: Frame, targets: readonly string[], order: Order = {}): string {
  const { remain, redirects, simultaneous, provisionalTimeout = '', finalTimeout = '', headers = [] } = order;
  const tokens = [
    request.tokens[8],
    remain ? 'remainInDialog' : '',
    'fullResponse',
    redirects ? 'followRedirects' : '',
    simultaneous ? 'simultaneous' : 'serial',
    provisionalTimeout,
    finalTimeout,
    ...targets,
  ];
  return stage.app.frame(`proxy|${tokens.join('|')}\r\n${['INVITE sip:x@h SIP/2.0', ...headers].join('\r\n')}\r\n\r\n`);
}

const uriOf = (peer: SipPeer, user = 'b@'): string => `sip:${user}${peer.local.host}:${peer.local.port}`;

/** Statuses that the application hears of, up to `done`. */
async function reported(stage: Stage, id: string): Promise<string[]> {
  const seen: string[] = [];
  for (;;) {
    const { tokens, message } = await stage.app.next(({ tokens: all }) => all[2] === id);
    if (tokens[4] === 'done' || tokens[3] !== 'OK') return [...seen, tokens.slice(3).join(' ')];
    expect(tokens[12]).toBe('continue');
    seen.push(message.slice(8, 11));
  }
}

async function callee(stage: Stage): Promise<SipPeer> {
  return SipPeer.udp(stage.server.sip);
}

describe('a call that is passed on', () => {
  it('goes through whole, and stays in the dialog when that is asked for', async () => {
    await using stage = await Stage.set();
    await using there = await callee(stage);
    const call = { callId: 'whole@h', headers: ['Ms-Sensitivity: private-no-diversion', 'Max-Forwards-Not: 1'] };
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { ...call, body: 'v=0\r\n' }));
    const id = passOn(stage, await stage.app.request('INVITE'), [uriOf(there)], {
      remain: true,
      headers: ['X-Added: 1'],
    });
    const invite = await there.next(/^INVITE /);
    expect(invite).toMatch(/^INVITE sip:b@127/);
    expect([...invite.matchAll(/^Via: /gm)]).toHaveLength(2);
    expect(headerOf(invite, 'Max-Forwards')).toBe('69');
    expect(headerOf(invite, 'X-Added')).toBe('1');
    expect(headerOf(invite, 'Ms-Sensitivity')).toBe('private-no-diversion');
    expect(invite).toMatch(/\r\n\r\nv=0\r\n$/);
    const route = headerOf(invite, 'Record-Route');
    there.send(reply(invite, '100 Trying', 'x'));
    there.send(reply(invite, '180 Ringing', 'callee'));
    const ringing = await stage.peer.next(/^SIP\/2\.0 180 /);
    expect([...ringing.matchAll(/^Via: /gm)]).toHaveLength(1);
    const answered = [`Contact: <${uriOf(there)}>`, `Record-Route: ${route}`];
    there.send(reply(invite, '200 OK', 'callee', answered));
    const answer = await stage.peer.next(/^SIP\/2\.0 200 /);
    expect(headerOf(answer, 'Record-Route')).toBe(route);
    expect(await reported(stage, id)).toEqual(['200', 'OK done']);
    const dialog = { ...call, toTag: 'callee', headers: [`Route: ${route}`] };
    const inDialog = (method: string, cseq: number): string =>
      sipRequest(stage.peer, stage.server.sip, { ...dialog, method, cseq }).replace(/sip:callee@[\d.:]+/, uriOf(there));
    stage.peer.send(inDialog('ACK', 1));
    expect(headerOf(await there.next(/^ACK sip:b@/), 'Route')).toBe('');
    stage.peer.send(inDialog('BYE', 2));
    const bye = await there.next(/^BYE sip:b@/);
    there.send(reply(bye, '200 OK', 'callee'));
    await stage.peer.next(/^SIP\/2\.0 200 /, 'BYE');
    expect(stage.app.untaken).toEqual([]);
  });

  it('to a host alone keeps its Request-URI, and leaves no Record-Route unless asked', async () => {
    await using stage = await Stage.set();
    await using there = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(stage, await stage.app.request('INVITE'), [uriOf(there, '')]);
    const invite = await there.next(/^INVITE /);
    expect(invite).toMatch(/^INVITE sip:callee@127/);
    expect(headerOf(invite, 'Record-Route')).toBe('');
  });

  it('and answered by two forks has both 200 passed back (RFC 3261 16.7 step 5)', async () => {
    await using stage = await Stage.set();
    await using there = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(stage, await stage.app.request('INVITE'), [uriOf(there)]);
    const invite = await there.next(/^INVITE /);
    for (const fork of ['a', 'b']) there.send(reply(invite, '200 OK', fork));
    const tags = [await stage.peer.next(/^SIP\/2\.0 200 /), await stage.peer.next(/^SIP\/2\.0 200 /)];
    expect(tags.map((answer) => tagOf(answer, 'To'))).toEqual(['a', 'b']);
  });

  it('with Max-Forwards 0 is refused: 483', async () => {
    await using stage = await Stage.set();
    const call = sipRequest(stage.peer, stage.server.sip).replace('Max-Forwards: 70', 'Max-Forwards: 0');
    stage.peer.send(call);
    const id = passOn(stage, await stage.app.request('INVITE'), ['sip:b@127.0.0.1:9']);
    await stage.peer.next(/^SIP\/2\.0 483 /);
    expect(await reported(stage, id)).toEqual(['OK done']);
  });
});

describe('targets', () => {
  it('one after the other: the second is asked when the first has refused', async () => {
    await using stage = await Stage.set();
    await using first = await callee(stage);
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    const id = passOn(stage, await stage.app.request('INVITE'), [uriOf(first), uriOf(second)]);
    first.send(reply(await first.next(/^INVITE /), '486 Busy Here', 'first'));
    await first.next(/^ACK /);
    second.send(reply(await second.next(/^INVITE /), '200 OK', 'second'));
    expect(tagOf(await stage.peer.next(/^SIP\/2\.0 200 /), 'To')).toBe('second');
    expect(await reported(stage, id)).toEqual(['486', '200', 'OK done']);
  });

  it('at once: who is late is cancelled', async () => {
    await using stage = await Stage.set();
    await using first = await callee(stage);
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(stage, await stage.app.request('INVITE'), [uriOf(first), uriOf(second)], { simultaneous: true });
    const late = await first.next(/^INVITE /);
    first.send(reply(late, '180 Ringing', 'first'));
    await stage.peer.next(/^SIP\/2\.0 180 /);
    second.send(reply(await second.next(/^INVITE /), '200 OK', 'second'));
    await stage.peer.next(/^SIP\/2\.0 200 /);
    first.send(reply(await first.next(/^CANCEL /), '200 OK', 'first'));
    first.send(reply(late, '487 Request Terminated', 'first'));
    await first.next(/^ACK /);
    await stage.settled();
    expect(stage.peer.startLines.filter((line) => / 487 /.test(line))).toEqual([]);
  });

  it('that all refuse: the best response, with the challenges of all (RFC 3261 16.7 steps 6 and 7)', async () => {
    await using stage = await Stage.set();
    const peers = [await callee(stage), await callee(stage), await callee(stage)];
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(
      stage,
      await stage.app.request('INVITE'),
      peers.map((peer) => uriOf(peer)),
      { simultaneous: true },
    );
    const answers = [
      ['503 Service Unavailable', []],
      ['401 Unauthorized', ['WWW-Authenticate: Digest realm="a"']],
      ['407 Proxy Authentication Required', ['Proxy-Authenticate: Digest realm="b"']],
    ] as const;
    for (const [at, peer] of peers.entries()) {
      const [status = '', headers = []] = answers[at] ?? [];
      peer.send(reply(await peer.next(/^INVITE /), status, `t${at}`, headers));
    }
    const refused = await stage.peer.next(/^SIP\/2\.0 [3-6]/);
    expect(refused).toMatch(/^SIP\/2\.0 40[17] /);
    expect(refused).toContain('realm="a"');
    expect(refused).toContain('realm="b"');
    for (const peer of peers) await peer[Symbol.asyncDispose]();
  });

  it('after a 6xx nobody else is asked', async () => {
    await using stage = await Stage.set();
    await using first = await callee(stage);
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(stage, await stage.app.request('INVITE'), [uriOf(first), uriOf(second)]);
    first.send(reply(await first.next(/^INVITE /), '603 Decline', 'first'));
    await stage.peer.next(/^SIP\/2\.0 603 /);
    await stage.settled();
    expect(second.startLines).toEqual([]);
  });

  it('of a redirection are followed when the application wants that', async () => {
    await using stage = await Stage.set();
    await using first = await callee(stage);
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    const id = passOn(stage, await stage.app.request('INVITE'), [uriOf(first)], { redirects: true });
    const moved = [`Contact: <${uriOf(second, 'moved@')}>`];
    first.send(reply(await first.next(/^INVITE /), '302 Moved Temporarily', 'first', moved));
    const invite = await second.next(/^INVITE sip:moved@/);
    second.send(reply(invite, '486 Busy Here', 'second'));
    await stage.peer.next(/^SIP\/2\.0 302 /);
    expect(await reported(stage, id)).toEqual(['302', '486', 'OK done']);
  });

  it.for([
    ['provisionalTimeout', []],
    ['finalTimeout', ['180 Ringing']],
  ] as const)('that say nothing in time (%s) are given up', async ([name, said]) => {
    await using stage = await Stage.set();
    await using first = await callee(stage);
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    const id = passOn(stage, await stage.app.request('INVITE'), [uriOf(first), uriOf(second)], { [name]: '200ms' });
    const invite = await first.next(/^INVITE /);
    for (const status of said) first.send(reply(invite, status, 'first'));
    second.send(reply(await second.next(/^INVITE /), '200 OK', 'second'));
    await stage.peer.next(/^SIP\/2\.0 200 /);
    expect(await reported(stage, id)).toEqual(['408', '200', 'OK done']);
    if (said.length > 0) await first.next(/^CANCEL /);
  });

  it('that lead nowhere are a 503, and the next one is asked', async () => {
    await using stage = await Stage.set();
    await using second = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    const targets = ['sip:b@127.0.0.1;transport=ws', uriOf(second)];
    const id = passOn(stage, await stage.app.request('INVITE'), targets);
    second.send(reply(await second.next(/^INVITE /), '486 Busy Here', 'second'));
    const refused = await stage.peer.next(/^SIP\/2\.0 486 /);
    expect(tagOf(refused, 'To')).toBe('second');
    expect(await reported(stage, id)).toEqual(['503', '486', 'OK done']);
  });

  it('of which none answers: a 408 of our own, with the Via of the caller', async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 5 } });
    await using silent = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    passOn(stage, await stage.app.request('INVITE'), [uriOf(silent)]);
    const refused = await stage.peer.next(/^SIP\/2\.0 408 /);
    expect([...refused.matchAll(/^Via: /gm)]).toHaveLength(1);
    expect(tagOf(refused, 'To')).not.toBe('');
  });
});

describe('a CANCEL', () => {
  it('reaches whoever rings, and the caller gets their 487', async () => {
    await using stage = await Stage.set();
    await using there = await callee(stage);
    const invite = sipRequest(stage.peer, stage.server.sip);
    stage.peer.send(invite);
    const id = passOn(stage, await stage.app.request('INVITE'), [uriOf(there), 'sip:never@127.0.0.1:9']);
    const passed = await there.next(/^INVITE /);
    there.send(reply(passed, '180 Ringing', 'callee'));
    await stage.peer.next(/^SIP\/2\.0 180 /);
    stage.peer.send(invite.replaceAll('INVITE', 'CANCEL'));
    await stage.peer.next(/^SIP\/2\.0 200 /, 'CANCEL');
    there.send(reply(await there.next(/^CANCEL /), '200 OK', 'callee'));
    there.send(reply(passed, '487 Request Terminated', 'callee'));
    expect(tagOf(await stage.peer.next(/^SIP\/2\.0 487 /, 'INVITE'), 'To')).toBe('callee');
    expect(await reported(stage, id)).toEqual(['487', 'OK done']);
  });
});

describe('other requests', () => {
  it('are passed on, too', async () => {
    await using stage = await Stage.set();
    await using there = await callee(stage);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'MESSAGE' }));
    const id = passOn(stage, await stage.app.request('MESSAGE'), [uriOf(there)]);
    there.send(reply(await there.next(/^MESSAGE sip:b@/), '202 Accepted', 'x'));
    await stage.peer.next(/^SIP\/2\.0 202 /, 'MESSAGE');
    expect(await reported(stage, id)).toEqual(['202', 'OK done']);
  });

  it('that are answered, or unknown, are not: the application hears why', async () => {
    await using stage = await Stage.set();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'MESSAGE' }));
    const message = await stage.app.request('MESSAGE');
    expect(await reported(stage, passOn(stage, message, ['nonsense']))).toEqual(['NOK invalid destination: nonsense']);
    const late = await reported(stage, passOn(stage, message, ['sip:b@h'], { finalTimeout: 'soon' }));
    expect(late).toEqual([expect.stringContaining('not soon')]);
    await stage.respond(message, '200 OK');
    const answered = await reported(stage, passOn(stage, message, ['sip:b@h']));
    expect(answered).toEqual(['NOK Request not proxied due to unknown transaction']);
  });
});
