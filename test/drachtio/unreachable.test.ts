/** Peers write addresses that lead nowhere: a 503 for who asked, or nothing, and the server goes on. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { reply, Stage, tagOf } from './stage.ts';

const UNREACHABLE = [
  '<sip:far@127.0.0.1:5061;transport=tls>',
  '<sip:far@df7jal23ls0d.invalid;transport=ws>',
  '<sip:far@127.0.0.1;transport=sctp>',
  '<sips:far@127.0.0.1>',
  '<sip:far@127.0.0.1:0>',
];

describe.for(UNREACHABLE)('a Contact of %s', (uri) => {
  const contact = [`Contact: ${uri}`];

  it('in the 200 of a second fork: the first one goes on', async () => {
    await using stage = await Stage.set();
    const { dialogId, invite } = await stage.callOut([`Contact: <${stage.target}>`]);
    stage.peer.send(reply(invite, '200 OK', 'other', contact));
    await stage.settled();
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    const bye = await stage.peer.next(/^BYE /);
    expect(tagOf(bye, 'To')).toBe('callee');
    stage.peer.send(reply(bye, '200 OK', 'callee'));
    await stage.response('200');
  });

  it('of a caller whose ACK never comes: the application is told', async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 5 } });
    const call = sipRequest(stage.peer, stage.server.sip).replace(/^Contact: .*$/m, contact.join());
    stage.peer.send(call);
    await stage.respond(await stage.app.request('INVITE'), '200 OK');
    const bye = await stage.app.request('BYE');
    expect(bye.tokens[8]).toBe('unsolicited');
    expect(headerOf(bye.message, 'Reason')).toContain('ACK timeout');
    await stage.settled();
  });

  it('in the 200 to an application that is gone', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.app.reset();
    await stage.app.closed();
    stage.peer.send(reply(invite, '200 OK', 'callee', contact));
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { method: 'DANCE' }));
    await stage.peer.next(/^SIP\/2\.0 501 /);
  });

  it('in a 200 that lost against a CANCEL: the application is told', async () => {
    await using stage = await Stage.set();
    const { tokens } = await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    const invite = await stage.peer.next(/^INVITE /);
    stage.peer.send(reply(invite, '180 Ringing', 'callee'));
    await stage.response('180');
    await stage.send([`CANCEL ${stage.target} SIP/2.0`], `${tokens[10]}|`);
    await stage.peer.next(/^CANCEL /);
    stage.peer.send(reply(invite, '200 OK', 'callee', contact));
    const answer = await stage.response('200');
    const acked = await stage.send(['ACK sip:placeholder SIP/2.0'], `|${answer.tokens[9]}`);
    expect(acked.tokens[3]).toBe('NOK');
    expect((await stage.app.request('BYE')).tokens[8]).toBe('unsolicited');
    await stage.settled();
  });

  it('refuses the ACK of the application, and is a 503 for its requests', async () => {
    await using stage = await Stage.set();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    stage.peer.send(reply(await stage.peer.next(/^INVITE /), '200 OK', 'callee', contact));
    const { tokens } = await stage.response('200');
    const acked = await stage.send(['ACK sip:placeholder SIP/2.0'], `|${tokens[9]}`);
    expect(acked.tokens.slice(3)).toEqual(['NOK', expect.stringContaining('cannot be sent')]);
    for (const method of ['INVITE', 'INFO', 'BYE']) {
      const sent = await stage.send([`${method} sip:placeholder SIP/2.0`], `|${tokens[9]}`);
      expect(sent.tokens[3]).toBe('OK');
      const failed = await stage.response('503');
      expect([failed.tokens[3], failed.tokens[8]]).toEqual(['0', sent.tokens[10]]);
    }
    const gone = await stage.send(['BYE sip:placeholder SIP/2.0'], `|${tokens[9]}`);
    expect(gone.tokens.slice(3, 5)).toEqual(['NOK', expect.stringContaining('unable to find dialog')]);
  });
});

describe('whatever a peer writes, the server answers the next one', () => {
  const host = fc.oneof(
    fc.constantFrom('127.0.0.1', '[::1]', '0.0.0.0', 'name.invalid', '256.1.1.1', 'localhost', 'x'.repeat(300), '[::'),
    fc.string({ maxLength: 20 }).map((text) => text.replace(/[\r\n]/g, '')),
  );
  const uri = fc
    .record({
      scheme: fc.constantFrom('sip:', 'sips:', 'tel:', 'SIP:', ''),
      user: fc.constantFrom('u@', '%@', '', '@@'),
      host,
      port: fc.constantFrom('', ':0', ':1', ':9', ':65535', ':65536', ':99999', ':x'),
      params: fc
        .array(
          fc.constantFrom(
            'lr',
            'transport=tls',
            'transport=tcp',
            'transport=ws',
            'maddr=',
            'maddr=[::1]',
            '=;=',
            'maddr=x|y',
          ),
          { maxLength: 3 },
        )
        .map((all) => all.map((one) => `;${one}`).join('')),
    })
    .map(({ scheme, user, host: name, port, params }) => scheme + user + name + port + params);
  const address = fc.oneof(
    uri,
    uri.map((text) => `<${text}>`),
    uri.map((text) => `"a, b" <${text}>;q=1`),
    fc.constant(''),
  );
  const peerWrote = fc.record({
    contact: address,
    routes: fc.array(address, { maxLength: 3 }),
    via: fc.constantFrom('', ';rport=0', ';received=::1', ';received=x|y', ';maddr=127.0.0.1', ';ttl=1;rport=99999'),
  });
  const lines = ({ contact, routes }: { contact: string; routes: readonly string[] }): string[] => [
    `Contact: ${contact}`,
    ...routes.map((route) => `Record-Route: ${route}`),
  ];

  it('as the caller of a call that is never acknowledged, and asked for more', { timeout: 300_000 }, async () => {
    await using stage = await Stage.set({ timers: { t1Ms: 1 }, nameServer: { host: '127.0.0.1', port: 9 } });
    await fc.assert(
      fc.asyncProperty(peerWrote, async (wrote) => {
        const call = sipRequest(stage.peer, stage.server.sip, { headers: lines(wrote).slice(1) });
        stage.peer.send(
          call.replace(/^Contact: .*$/m, () => lines(wrote)[0] ?? '').replace(/^Via: .*$/m, (via) => via + wrote.via),
        );
        const echo = await stage.respond(await stage.app.request('INVITE'), '200 OK');
        await stage.send(['INFO sip:placeholder SIP/2.0'], `|${echo.tokens[11]}`);
        expect((await stage.app.request('BYE')).tokens[8]).toBe('unsolicited');
        await stage.settled();
      }),
      { numRuns: 60, timeout: 10_000 },
    );
  });

  it('as the callee, with an answer of each of two forks', { timeout: 300_000 }, async () => {
    await using stage = await Stage.set({ nameServer: { host: '127.0.0.1', port: 9 } });
    await fc.assert(
      fc.asyncProperty(peerWrote, peerWrote, async (one, other) => {
        const sent = await stage.send([`INVITE ${stage.target} SIP/2.0`]);
        const invite = await arrived(stage, headerOf(sent.message, 'Call-ID'));
        stage.peer.send(reply(invite, '183 Session Progress', 'one', [...lines(one), 'Require: 100rel', 'RSeq: 1']));
        stage.peer.send(reply(invite, '200 OK', 'one', lines(one)));
        stage.peer.send(reply(invite, '200 OK', 'other', lines(other)));
        const { tokens } = await stage.app.next(
          ({ tokens: all, message }) => all[8] === sent.tokens[10] && message.startsWith('SIP/2.0 200'),
        );
        for (const method of ['ACK', 'UPDATE', 'INVITE', 'BYE'])
          await stage.send([`${method} sip:placeholder SIP/2.0`], `|${tokens[9]}`);
        await stage.settled();
      }),
      { numRuns: 60, timeout: 10_000 },
    );
  });
});

/** The INVITE of a call: those of calls before may still be repeated. */
async function arrived(stage: Stage, callId: string): Promise<string> {
  for (;;) {
    const invite = await stage.peer.next(/^INVITE /);
    if (headerOf(invite, 'Call-ID') === callId) return invite;
  }
}
