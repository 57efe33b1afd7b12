/** A name that stands for several targets: RFC 3263 4. */
import { describe, expect, it } from 'vitest';
import type { DrachtioServerOptions } from '../../harness/drachtio/index.ts';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { type Choice, NameServer, type Service } from '../drachtio-srf-suite/name-server.ts';
import { reply, Stage } from './stage.ts';

/** Nothing listens there. */
const CLOSED_PORT = 9;

interface Scene extends AsyncDisposable {
  readonly stage: Stage;
  /** In the order in which example.test names them. */
  readonly targets: readonly SipPeer[];
}

/** `example.test` is a service of two targets, `silent.test` of a closed port and the second one. */
async function scene(options: Partial<DrachtioServerOptions> = {}, choices?: readonly Choice[]): Promise<Scene> {
  const resources = new AsyncDisposableStack();
  const services = new Map<string, readonly Service[]>();
  const names = resources.use(
    await NameServer.start(
      new Map([['host.test', '127.0.0.1']]),
      { host: '127.0.0.1' },
      services,
      new Map(choices && [['example.test', choices]]),
    ),
  );
  const stage = resources.use(await Stage.set({ nameServer: names.address, ...options }));
  const peer = async (): Promise<SipPeer> => resources.use(await SipPeer.udp(stage.server.sip));
  const targets = [await peer(), await peer()];
  const at = (priority: number, port = 0): Service => ({ priority, weight: 1, port, target: 'host.test' });
  const [first, second] = targets.map(({ local }) => local.port);
  services.set('_sip._udp.example.test', [at(20, second), at(10, first)]);
  services.set('_sip._udp.silent.test', [at(10, CLOSED_PORT), at(20, second)]);
  services.set('_sip._tcp.example.test', [at(10, CLOSED_PORT), at(20, 0)]);
  services.set('_sip._udp.nothing.test', [{ priority: 1, weight: 1, port: 5060, target: '' }]);
  return { stage, targets, [Symbol.asyncDispose]: () => resources.disposeAsync() };
}

const QUICK = { timers: { t1Ms: 3 } };

describe('a request to a name of several targets', () => {
  it('goes to the next one when nobody answers, with a branch of its own', async () => {
    await using set = await scene(QUICK);
    const [, second] = set.targets;
    await set.stage.send(['OPTIONS sip:silent.test SIP/2.0', 'Call-ID: one']);
    const options = (await second?.next(/^OPTIONS /)) ?? '';
    second?.send(reply(options, '200 OK', 'x'));
    const answer = await set.stage.response('200');
    expect(headerOf(answer.message, 'Via')).toContain(/branch=[^;]+/.exec(headerOf(options, 'Via'))?.[0]);
    await set.stage.settled();
    expect(set.stage.app.take().filter(({ tokens }) => tokens[1] === 'sip')).toEqual([]);
  });

  it('goes to the next one after a 503, and the application sees the last answer alone', async () => {
    await using set = await scene();
    const [first, second] = set.targets;
    await set.stage.send(['INVITE sip:example.test SIP/2.0']);
    const invite = (await first?.next(/^INVITE /)) ?? '';
    first?.send(reply(invite, '503 Service Unavailable', 'full'));
    await first?.next(/^ACK /);
    const again = (await second?.next(/^INVITE /)) ?? '';
    for (const name of ['Call-ID', 'From', 'CSeq', 'Contact'])
      expect(headerOf(again, name)).toBe(headerOf(invite, name));
    expect(headerOf(again, 'Via')).not.toBe(headerOf(invite, 'Via'));
    second?.send(reply(again, '503 Service Unavailable', 'full, too'));
    const { message } = await set.stage.response('');
    expect(message).toMatch(/^SIP\/2\.0 503 /);
    expect(headerOf(message, 'To')).toContain('tag=full, too');
  });

  it('stays where somebody has answered, however little', async () => {
    await using set = await scene({ timers: { t1Ms: 3 } });
    const [first, second] = set.targets;
    await set.stage.send(['OPTIONS sip:example.test SIP/2.0']);
    const options = (await first?.next(/^OPTIONS /)) ?? '';
    first?.send(reply(options, '100 Trying', 'x'));
    const { message } = await set.stage.response('');
    expect(message).toMatch(/^SIP\/2\.0 408 /);
    expect(second?.startLines).toEqual([]);
  });

  it('is cancelled where it is: CANCEL has the Via of the INVITE that went there', async () => {
    await using set = await scene(QUICK);
    const [, second] = set.targets;
    const { tokens } = await set.stage.send(['INVITE sip:silent.test SIP/2.0']);
    const invite = (await second?.next(/^INVITE /)) ?? '';
    second?.send(reply(invite, '180 Ringing', 'x'));
    await set.stage.response('180');
    await set.stage.send(['CANCEL sip:silent.test SIP/2.0'], `${tokens[10]}|`);
    const cancel = (await second?.next(/^CANCEL /)) ?? '';
    expect(headerOf(cancel, 'Via')).toBe(headerOf(invite, 'Via'));
    second?.send(reply(invite, '487 Request Terminated', 'x'));
    await set.stage.response('487');
  });

  it('goes to no other one once it is cancelled', async () => {
    await using set = await scene();
    const [first, second] = set.targets;
    const { tokens } = await set.stage.send(['INVITE sip:example.test SIP/2.0']);
    const invite = (await first?.next(/^INVITE /)) ?? '';
    await set.stage.send(['CANCEL sip:example.test SIP/2.0'], `${tokens[10]}|`);
    first?.send(reply(invite, '503 Service Unavailable', 'x'));
    await set.stage.response('503');
    await set.stage.settled();
    expect(second?.startLines).toEqual([]);
  });

  it('a service that is decidedly not there (RFC 2782) is a 503', async () => {
    await using set = await scene();
    await set.stage.send(['OPTIONS sip:nothing.test SIP/2.0']);
    expect((await set.stage.response('')).message).toMatch(/^SIP\/2\.0 503 DNS Error/);
  });

  it('is sent on by a proxy in the same way', async () => {
    await using set = await scene(QUICK);
    const { app, peer, server } = set.stage;
    const [, second] = set.targets;
    peer.send(sipRequest(peer, server.sip));
    const invite = await app.request('INVITE');
    app.frame(`proxy|${invite.tokens[8]}||||serial|||sip:b@silent.test\r\nINVITE sip:b@silent.test SIP/2.0\r\n\r\n`);
    const passed = (await second?.next(/^INVITE /)) ?? '';
    second?.send(reply(passed, '486 Busy Here', 'x'));
    await peer.next(/^SIP\/2\.0 486 /);
  });
});

describe('a name without port and transport', () => {
  const tcp = { order: 10, service: 'SIP+D2T', replacement: '_sip._tcp.example.test' };
  const udp = { order: 20, service: 'SIP+D2U', replacement: '_sip._udp.example.test' };

  it('is spoken to over what its NAPTR records prefer; then the next', async () => {
    const seen: string[] = [];
    await using set = await scene(
      { recorder: ({ direction, bytes, protocol }) => direction === 'out' && seen.push(`${protocol} ${bytes}`) },
      [udp, tcp],
    );
    const [first] = set.targets;
    await set.stage.send(['OPTIONS sip:example.test SIP/2.0']);
    expect(headerOf((await first?.next(/^OPTIONS /)) ?? '', 'Via')).toMatch(/^SIP\/2\.0\/UDP /);
    expect(seen.map((each) => /^(\w+) OPTIONS[\s\S]*?Via: SIP\/2\.0\/(\w+) /.exec(each)?.slice(1))).toEqual([
      ['tcp', 'TCP'],
      ['udp', 'UDP'],
    ]);
  });

  it('with a transport is not asked for them', async () => {
    await using set = await scene({}, [tcp]);
    const [first] = set.targets;
    await set.stage.send(['OPTIONS sip:example.test;transport=udp SIP/2.0']);
    await first?.next(/^OPTIONS /);
  });
});
