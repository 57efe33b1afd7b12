import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { headerOf, sipRequest } from './call.ts';
import { type Frame, RawControl } from './raw-control.ts';
import { SipPeer } from './sip-peer.ts';

let server: DrachtioServer;
let caller: SipPeer;
let apps: DisposableStack;

beforeEach(async () => {
  server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
  caller = await SipPeer.udp(server.sip);
  apps = new DisposableStack();
});

afterEach(async () => {
  apps.dispose();
  await caller?.[Symbol.asyncDispose]();
  await server?.stop();
});

/** An application that answers every OPTIONS with 200 and its own name as the reason. */
async function answeringApp(name: string, verbs: readonly string[] = ['options']): Promise<RawControl> {
  const app = apps.use(await RawControl.app(server, verbs));
  void answerAll(app, name).catch(() => {}); // ends with the connection
  return app;
}

async function answerAll(app: RawControl, name: string): Promise<void> {
  for (;;) respond(app, await app.request('OPTIONS', 60_000), `200 ${name}`);
}

function respond(app: RawControl, { tokens, message }: Frame, status: string): void {
  const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(message, name)}`);
  app.frame(`sip|${tokens[8]}|\r\nSIP/2.0 ${status}\r\n${copied.join('\r\n')}\r\n\r\n`);
}

/** Who answered each of `count` requests: reason phrases of the 200s, or the status of other responses. */
async function ask(count: number): Promise<string[]> {
  const answers: string[] = [];
  for (let asked = 0; asked < count; asked++) {
    caller.send(sipRequest(caller, server.sip, { method: 'OPTIONS' }));
    const response = await caller.next(/^SIP\/2\.0 [2-6]/);
    answers.push(/^SIP\/2\.0 (?:200 )?(\S+)/.exec(response)?.[1] ?? response);
  }
  return answers;
}

describe('routes', () => {
  it('deal the requests of a verb in turn to the applications that registered it', async () => {
    await answeringApp('a');
    await answeringApp('b');
    expect((await ask(6)).toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('registered again give no second share', async () => {
    const a = await answeringApp('a');
    for (let again = 0; again < 3; again++) expect(await a.command('route|options')).toEqual(['OK']);
    await answeringApp('b');
    expect((await ask(6)).toSorted()).toEqual(['a', 'a', 'a', 'b', 'b', 'b']);
  });

  it('are dealt evenly: none comes twice before all others came once', async () => {
    for (const name of ['a', 'b', 'c']) {
      const app = await answeringApp(name);
      for (let again = 0; again < 3; again++) await app.command('route|options');
    }
    const turns = await ask(9);
    for (const round of [0, 3, 6]) expect(turns.slice(round, round + 3).toSorted()).toEqual(['a', 'b', 'c']);
  });

  it('registered three times are taken back at once', async () => {
    const a = await answeringApp('a');
    for (let again = 0; again < 3; again++) await a.command('route|options');
    await a.command('remove_route|options');
    expect(await ask(1)).toEqual(['503']);
  });

  it('that nobody registered: 503, to an INVITE after a 100', async () => {
    caller.send(sipRequest(caller, server.sip));
    expect(await caller.next(/^SIP/, 'INVITE')).toMatch(/^SIP\/2\.0 100 /);
    await caller.next(/^SIP\/2\.0 503 /, 'INVITE');
    expect(caller.startLines).toEqual([]);
  });

  it('go with the application', async () => {
    await answeringApp('a');
    const b = await answeringApp('b');
    expect((await ask(2)).toSorted()).toEqual(['a', 'b']);
    b.halfClose();
    expect(await b.closed()).toBe('closed');
    expect(await ask(3)).toEqual(['a', 'a', 'a']);
  });

  it('can be taken back, and then nobody is asked: 503', async () => {
    const a = await answeringApp('a');
    expect(await ask(1)).toEqual(['a']);
    expect(await a.command('remove_route|options')).toEqual(['OK']);
    expect(await ask(1)).toEqual(['503']);
  });

  it.for(['dance', 'cdr:everything', 'sub|scribe'])('of %j, which will never come, are refused', async (verb) => {
    const a = apps.use(await RawControl.app(server));
    const reply = await a.command(`route|${verb}`);
    expect(reply).toEqual(['NOK', expect.stringMatching(/^nothing of the kind will ever come: /)]);
  });

  it('taken back that were never there are no error', async () => {
    const a = apps.use(await RawControl.app(server));
    expect(await a.command('remove_route|options')).toEqual(['OK']);
  });

  it('of one verb say nothing about another', async () => {
    await answeringApp('a', ['message', 'invite']);
    expect(await ask(1)).toEqual(['503']);
  });

  it.for(['toString', '__proto__', 'constructor', '*', ''])('of the verb %j stand for no other', async (verb) => {
    const a = apps.use(await RawControl.app(server));
    await a.command(`route|${verb}`);
    expect(await ask(1)).toEqual(['503']);
    expect(await a.command('ping')).toEqual(['OK', 'pong']);
  });

  it('an application that is gone leaves no calls behind: 481 in the dialog, 503 for what is new', async () => {
    const a = apps.use(await RawControl.app(server, ['invite']));
    const dialog = { callId: 'orphan@example.test', fromTag: 'f1' };
    caller.send(sipRequest(caller, server.sip, dialog));
    respond(a, await a.request('INVITE'), '200 OK');
    const toTag = /;tag=([^;\s]+)/.exec(headerOf(await caller.next(/ 200 /), 'To'))?.[1] ?? '';
    caller.send(sipRequest(caller, server.sip, { ...dialog, toTag, method: 'ACK' }));
    await a.request('ACK');
    a.halfClose();
    expect(await a.closed()).toBe('closed');
    caller.send(sipRequest(caller, server.sip, { ...dialog, toTag, method: 'INFO', cseq: 2 }));
    expect(await caller.next(/^SIP/, 'INFO')).toMatch(/^SIP\/2\.0 481 /);
    caller.send(sipRequest(caller, server.sip));
    expect(await caller.next(/^SIP\/2\.0 [2-6]/, 'INVITE')).toMatch(/^SIP\/2\.0 503 /);
  });

  it('an application that is gone before it answers has its caller told: 503', async () => {
    const a = apps.use(await RawControl.app(server, ['invite']));
    caller.send(sipRequest(caller, server.sip));
    await a.request('INVITE');
    a.reset();
    expect(await caller.next(/^SIP\/2\.0 [2-6]/, 'INVITE')).toMatch(/^SIP\/2\.0 503 /);
  });
});
