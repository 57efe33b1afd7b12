/** Call detail records, as drachtio-srf knows them: `cdr:attempt`, `cdr:start`, `cdr:stop`. */
import { describe, expect, it } from 'vitest';
import { sipRequest } from '../drachtio-hostile/call.ts';
import { reply, Stage, tagOf } from './stage.ts';

const CALL = 'cdr@h';

async function recording(options: Parameters<typeof Stage.set>[0] = {}): Promise<Stage> {
  const stage = await Stage.set(options);
  for (const verb of ['cdr:attempt', 'cdr:start', 'cdr:stop']) await stage.app.command(`route|${verb}`);
  return stage;
}

/** The next records: kind, who made the message, what more is said of it, and the first word or two of the message. */
async function records(stage: Stage, count: number): Promise<string[]> {
  const seen: string[] = [];
  while (seen.length < count) {
    const { tokens, message } = await stage.app.next(({ tokens: all }) => all[1]?.startsWith('cdr:') === true);
    expect(tokens[3]).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
    const [first = '', second = ''] = message.split(' ');
    seen.push([tokens[1], tokens[2], ...tokens.slice(4), first === 'SIP/2.0' ? second : first].join(' '));
  }
  return seen;
}

describe('a call that comes in', () => {
  it('and is answered and hung up', async () => {
    await using stage = await recording();
    const { toTag } = await stage.callIn(CALL);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, method: 'BYE', cseq: 2 }));
    expect(await records(stage, 3)).toEqual([
      'cdr:attempt network INVITE',
      'cdr:start application uas 200',
      'cdr:stop network normal-release BYE',
    ]);
  });

  it('and is refused', async () => {
    await using stage = await recording();
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    await stage.respond(await stage.app.request('INVITE'), '486 Busy Here');
    expect(await records(stage, 2)).toEqual(['cdr:attempt network INVITE', 'cdr:stop application call-rejected 486']);
  });

  it('and is cancelled', async () => {
    await using stage = await recording();
    const invite = sipRequest(stage.peer, stage.server.sip);
    stage.peer.send(invite);
    await stage.app.request('INVITE');
    stage.peer.send(invite.replaceAll('INVITE', 'CANCEL'));
    expect(await records(stage, 2)).toEqual(['cdr:attempt network INVITE', 'cdr:stop network call-canceled CANCEL']);
  });

  it('for which there is no application', async () => {
    await using stage = await recording();
    await stage.app.command('remove_route|invite');
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    expect(await records(stage, 2)).toEqual(['cdr:attempt network INVITE', 'cdr:stop application call-rejected 503']);
  });

  it('and is hung up by the server', async () => {
    await using stage = await recording({ timers: { t1Ms: 5 } });
    stage.peer.send(sipRequest(stage.peer, stage.server.sip));
    await stage.respond(await stage.app.request('INVITE'), '200 OK');
    expect((await records(stage, 3)).at(-1)).toBe('cdr:stop application system-initiated-termination BYE');
  });

  it('and whose session is not refreshed', async () => {
    await using stage = await recording();
    const headers = ['Supported: timer', 'Session-Expires: 1;refresher=uac'];
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { headers }));
    await stage.respond(await stage.app.request('INVITE'), '200 OK');
    expect((await records(stage, 3)).at(-1)).toBe('cdr:stop application session-expired BYE');
  });

  it('is told of once: a re-INVITE is no attempt', async () => {
    await using stage = await recording();
    const { toTag } = await stage.callIn(CALL);
    stage.peer.send(sipRequest(stage.peer, stage.server.sip, { callId: CALL, toTag, cseq: 2 }));
    await stage.respond(await stage.app.request('INVITE'), '486 Busy Here');
    await stage.settled();
    expect(stage.app.untaken.filter(({ tokens }) => tokens[1]?.startsWith('cdr:'))).toHaveLength(2);
  });
});

describe('a call that goes out', () => {
  it('and is answered and hung up', async () => {
    await using stage = await recording();
    const { dialogId } = await stage.callOut([`Contact: <${stage.target}>`]);
    await stage.send(['BYE sip:placeholder SIP/2.0'], `|${dialogId}`);
    expect(await records(stage, 3)).toEqual([
      'cdr:attempt application INVITE',
      'cdr:start network uac 200',
      'cdr:stop application normal-release BYE',
    ]);
  });

  it('and is refused', async () => {
    await using stage = await recording();
    await stage.send([`INVITE ${stage.target} SIP/2.0`]);
    stage.peer.send(reply(await stage.peer.next(/^INVITE /), '486 Busy Here', 'callee'));
    expect((await records(stage, 2)).at(-1)).toBe('cdr:stop network call-rejected 486');
  });
});

it('a call that is passed on: both sides', async () => {
  await using stage = await recording();
  stage.peer.send(sipRequest(stage.peer, stage.server.sip));
  const invite = await stage.app.request('INVITE');
  stage.app.frame(
    `proxy|${invite.tokens[8]}|remainInDialog|fullResponse||serial|||${stage.target}\r\nINVITE sip:x SIP/2.0\r\n\r\n`,
  );
  const passed = await stage.peer.next(/^INVITE /);
  stage.peer.send(reply(passed, '200 OK', 'callee'));
  const toTag = tagOf(await stage.peer.next(/^SIP\/2\.0 200 /), 'To');
  const route = /^Record-Route: (.*)\r$/m.exec(passed)?.[1] ?? '';
  stage.peer.send(
    sipRequest(stage.peer, stage.server.sip, { toTag, method: 'BYE', cseq: 2, headers: [`Route: ${route}`] }),
  );
  expect(await records(stage, 5)).toEqual([
    'cdr:attempt network INVITE',
    'cdr:attempt application INVITE',
    'cdr:start network proxy-uac 200',
    'cdr:start application proxy-uas 200',
    'cdr:stop network normal-release BYE',
  ]);
});
