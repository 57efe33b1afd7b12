/** Several addresses, IPv6, and names: RFC 3261 18, RFC 3263 4, RFC 2782. */
import { describe, expect, it } from 'vitest';
import { AnsweringApp } from '../drachtio-hostile/answering-app.ts';
import { headerOf, placeCall, sipRequest } from '../drachtio-hostile/call.ts';
import { RawControl } from '../drachtio-hostile/raw-control.ts';
import { hostPort, SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { NameServer } from '../drachtio-srf-suite/name-server.ts';
import { reply, Stage } from './stage.ts';

const V4 = { host: '127.0.0.1' };
const V6 = { host: '::1' };

describe('IPv6', () => {
  it.for(['udp', 'tcp'] as const)('a call comes in over %s', async (transport) => {
    await using app = await AnsweringApp.start({ sip: V6 });
    await using caller = await SipPeer[transport](app.server.sip);
    const answer = await placeCall(caller, app.server.sip);
    expect(headerOf(answer, 'Contact')).toContain(`<sip:[::1]:${app.server.sip.port}`);
    expect(headerOf(answer, 'Via')).toContain(';received=::1');
  });

  it('a call goes out, and its dialog goes on', async () => {
    await using stage = await Stage.set({ sip: V6 });
    const { dialogId, invite } = await stage.callOut([`Contact: <${stage.target}>`]);
    expect(headerOf(invite, 'Via')).toContain(`SIP/2.0/UDP [::1]:${stage.server.sip.port};`);
    expect(headerOf(invite, 'Contact')).toBe(`<sip:[::1]:${stage.server.sip.port}>`);
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(await stage.peer.next(/^BYE /)).toMatch(/^BYE sip:b@\[::1\]:\d+ /);
  });

  it('`localhost` of an application becomes an address in brackets', async () => {
    await using stage = await Stage.set({ sip: V6 });
    await stage.send([`OPTIONS ${stage.target} SIP/2.0`, 'Contact: <sip:me@localhost>']);
    const options = await stage.peer.next(/^OPTIONS /);
    expect(headerOf(options, 'Contact')).toBe(`<sip:me@[::1]:${stage.server.sip.port}>`);
  });

  it('cannot be reached from an address of IPv4: refused, and not sent', async () => {
    await using stage = await Stage.set();
    const { tokens } = await stage.send(['OPTIONS sip:b@[::1]:5070 SIP/2.0']);
    expect(tokens.slice(3)).toEqual(['NOK', expect.stringContaining('not available')]);
  });
});

describe('several addresses', () => {
  it('are told to applications; each answers, and sends from, its own', async () => {
    await using stage = await Stage.set({ sip: [V4, V6, { host: '127.0.0.2', transports: ['udp'] }] });
    const [, , , , hostports] = (
      await (await RawControl.open(stage.server.control)).commandFrame(`authenticate|${stage.server.secret}|`)
    ).tokens;
    const listed = (hostports ?? '').split(',');
    expect(listed.map((one) => one.replace(/:\d+$/, ''))).toEqual([
      'udp/127.0.0.1',
      'tcp/127.0.0.1',
      'udp/[::1]',
      'tcp/[::1]',
      'udp/127.0.0.2',
    ]);
    for (const [at, host] of [
      [0, '127.0.0.1'],
      [2, '::1'],
      [4, '127.0.0.2'],
    ] as const) {
      const server = { host, port: Number(/\d+$/.exec(listed[at] ?? '')?.[0]) };
      await using caller = await SipPeer.udp(server);
      caller.send(sipRequest(caller, server));
      const invite = await stage.app.request('INVITE');
      expect(invite.tokens.slice(10, 12)).toEqual([host, String(server.port)]);
      const echo = await stage.respond(invite, '200 OK');
      const answer = await caller.next(/^SIP\/2\.0 200 /);
      expect(headerOf(answer, 'Contact')).toBe(`<sip:${hostPort(server)}>`);
      // A dialog goes on between the addresses that it began with.
      await stage.send(['INFO sip:placeholder SIP/2.0'], `|${echo.tokens[11]}`);
      expect(headerOf(await caller.next(/^INFO /), 'Via')).toContain(` ${hostPort(server)};`);
    }
  });

  it('a request goes out from the first one that can reach its target', async () => {
    await using stage = await Stage.set({ sip: [V4, V6] });
    await using there = await SipPeer.udp(V6AsServer, '::1');
    await stage.send([`OPTIONS sip:b@${hostPort(there.local)} SIP/2.0`]);
    expect(headerOf(await there.next(/^OPTIONS /), 'Via')).toContain(' [::1]:');
  });

  it('one that is taken ends the start, and the error names it', async () => {
    await using stage = await Stage.set();
    const taken = { host: '127.0.0.1', port: stage.server.sip.port };
    await expect(Stage.set({ sip: [V6, taken] })).rejects.toThrow(`127.0.0.1:${taken.port}`);
  });
});

/** Nothing listens there: the peer only receives. */
const V6AsServer = { host: '::1', port: 9 };

describe('a name', () => {
  const service = (priority: number, port: number, target: string) => ({ priority, weight: 1, port, target });

  it('without a port is looked up as a service: lowest priority first (RFC 2782)', async () => {
    await using target = await SipPeer.udp({ host: '127.0.0.1', port: 9 });
    await using names = await NameServer.start(
      new Map([['near.example.test', '127.0.0.1']]),
      { host: '127.0.0.1' },
      new Map([
        [
          '_sip._udp.example.test',
          [service(20, 9, 'far.example.test'), service(10, target.local.port, 'near.example.test')],
        ],
      ]),
    );
    await using stage = await Stage.set({ nameServer: names.address });
    await stage.send(['OPTIONS sip:example.test SIP/2.0']);
    const options = await target.next(/^OPTIONS sip:example\.test /);
    target.send(reply(options, '200 OK', 'x'));
  });

  it('with a port is not', async () => {
    await using target = await SipPeer.udp({ host: '127.0.0.1', port: 9 });
    await using names = await NameServer.start(new Map([['example.test', '127.0.0.1']]), { host: '127.0.0.1' });
    await using stage = await Stage.set({ nameServer: names.address });
    await stage.send([`OPTIONS sip:example.test:${target.local.port} SIP/2.0`]);
    await target.next(/^OPTIONS /);
  });

  it('is asked for the kind of address that can be reached', async () => {
    await using names = await NameServer.start(new Map([['six.example.test', '::1']]), { host: '127.0.0.1' });
    await using stage = await Stage.set({ sip: V6, nameServer: names.address });
    await stage.send([`OPTIONS sip:six.example.test:${stage.peer.local.port} SIP/2.0`]);
    await stage.peer.next(/^OPTIONS /);
  });
});
