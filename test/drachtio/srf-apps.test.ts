/** drachtio-srf itself, unmodified, on the embedded server; what its own suite does not ask. */
import { describe, expect, it } from 'vitest';
import { DrachtioServer, type DrachtioServerOptions } from '../../harness/drachtio/index.ts';
import { connectSrf } from '../../harness/endpoints/srf.ts';
import { placeCall, sipRequest } from '../drachtio-hostile/call.ts';
import { SipPeer } from '../drachtio-hostile/sip-peer.ts';
import { reply, tagOf } from './stage.ts';

/** The library's types describe several calls wrongly; here every call is checked by what comes of it. */
// biome-ignore lint/suspicious/noExplicitAny: see above
type Untyped = any;

class App implements AsyncDisposable {
  readonly server: DrachtioServer;
  readonly srf: Untyped;

  private constructor(server: DrachtioServer, srf: Untyped) {
    this.server = server;
    this.srf = srf;
  }

  static async start(options: Partial<DrachtioServerOptions> = {}): Promise<App> {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, ...options });
    return new App(server, await connectSrf({ ...server.control, secret: server.secret }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.srf.disconnect();
    await this.server.stop();
  }
}

const localSdp = 'v=0\r\n';

describe('createUAS', () => {
  it('with await: no `destroy` is lost when the BYE follows the 200 at once', async () => {
    const calls = 200;
    await using app = await App.start();
    let destroyed = 0;
    let connected = 0;
    app.srf.invite(async (request: Untyped, response: Untyped) => {
      const dialog = await app.srf.createUAS(request, response, { localSdp });
      if (dialog.connected) connected++;
      dialog.on('destroy', () => destroyed++);
    });
    await using peer = await SipPeer.udp(app.server.sip);
    for (let call = 0; call < calls; call++) await placeCall(peer, app.server.sip);
    await expect.poll(() => [connected, destroyed]).toEqual([calls, calls]);
  });

  it('hands over SUBSCRIBE dialogs, and NOTIFY goes back', async () => {
    await using app = await App.start();
    const { promise, resolve } = Promise.withResolvers<Untyped>();
    app.srf.subscribe((request: Untyped, response: Untyped) =>
      app.srf.createUAS(request, response, { headers: { Expires: '60' } }).then(resolve),
    );
    await using peer = await SipPeer.udp(app.server.sip);
    peer.send(sipRequest(peer, app.server.sip, { method: 'SUBSCRIBE', headers: ['Event: message-summary'] }));
    const dialog = await promise;
    const answered = dialog.request({
      method: 'NOTIFY',
      headers: { 'Subscription-State': 'active', Event: 'message-summary' },
    });
    peer.send(reply(await peer.next(/^NOTIFY /), '200 OK', 'x'));
    expect((await answered).status).toBe(200);
  });
});

describe('createUAC', () => {
  it('a call to itself: both ends in one application', async () => {
    await using app = await App.start();
    const ended: string[] = [];
    app.srf.invite((request: Untyped, response: Untyped) =>
      app.srf.createUAS(request, response, { localSdp: 'v=0\r\ns=callee\r\n' }, (_error: unknown, dialog: Untyped) =>
        dialog.on('destroy', () => ended.push('callee')),
      ),
    );
    const { host, port } = app.server.sip;
    const dialog = await app.srf.createUAC(`sip:me@${host}:${port}`, { localSdp });
    expect(dialog.remote.sdp).toContain('s=callee');
    await dialog.destroy();
    await expect.poll(() => ended).toEqual(['callee']);
  });

  it('rejects with the status that the callee gave', async () => {
    await using app = await App.start();
    await using peer = await SipPeer.udp(app.server.sip);
    const call = app.srf.createUAC(`sip:b@${peer.local.host}:${peer.local.port}`, { localSdp });
    peer.send(reply(await peer.next(/^INVITE /), '603 Decline', 'x'));
    await expect(call).rejects.toMatchObject({ status: 603 });
  });

  it('over TCP the whole call stays on the connection', async () => {
    await using caller = await App.start();
    await using callee = await App.start();
    const destroyed = Promise.withResolvers<void>();
    callee.srf.invite(async (request: Untyped, response: Untyped) => {
      expect(request.protocol).toBe('tcp');
      const dialog = await callee.srf.createUAS(request, response, { localSdp });
      dialog.on('destroy', () => destroyed.resolve());
    });
    const { host, port } = callee.server.sip;
    const dialog = await caller.srf.createUAC(`sip:b@${host}:${port};transport=tcp`, { localSdp });
    await dialog.destroy();
    await destroyed.promise;
  });

  it('a refused TCP connection is a 503, without a wait', async () => {
    await using app = await App.start();
    await using free = await SipPeer.udp(app.server.sip); // its port is taken for UDP only
    const uri = `sip:b@127.0.0.1:${free.local.port};transport=tcp`;
    await expect(app.srf.createUAC(uri, { localSdp })).rejects.toMatchObject({ status: 503 });
  });
});

describe('what only the server knows', () => {
  it('call detail records come as events', async () => {
    await using app = await App.start();
    const events: unknown[] = [];
    for (const kind of ['attempt', 'start', 'stop'])
      app.srf.on(`cdr:${kind}`, (source: string, _time: string, ...rest: Untyped[]) =>
        events.push([kind, source, ...rest.slice(0, -1), rest.at(-1).get('Call-ID') !== undefined]),
      );
    app.srf.invite((request: Untyped, response: Untyped) => app.srf.createUAS(request, response, { localSdp }));
    await using peer = await SipPeer.udp(app.server.sip);
    await placeCall(peer, app.server.sip);
    await expect
      .poll(() => events)
      .toEqual([
        ['attempt', 'network', true],
        ['start', 'application', 'uas', true],
        ['stop', 'network', 'normal-release', true],
      ]);
  });

  it('a caller that hangs up before the answer, by BYE: `cancel`, and the late answer fails', async () => {
    await using app = await App.start();
    const cancelled = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<unknown>();
    app.srf.invite((request: Untyped, response: Untyped) => {
      request.on('cancel', () => {
        cancelled.resolve();
        app.srf.createUAS(request, response, { localSdp }).then(answered.reject, answered.resolve);
      });
      response.send(180);
    });
    await using peer = await SipPeer.udp(app.server.sip);
    const callId = 'early-bye@h';
    peer.send(sipRequest(peer, app.server.sip, { callId }));
    const toTag = tagOf(await peer.next(/^SIP\/2\.0 180 /), 'To');
    peer.send(sipRequest(peer, app.server.sip, { callId, toTag, method: 'BYE', cseq: 2 }));
    await peer.next(/^SIP\/2\.0 487 /, 'INVITE');
    await cancelled.promise;
    await answered.promise;
  });

  it('proxyRequest: the application is told what the target said', async () => {
    await using app = await App.start();
    await using target = await SipPeer.udp(app.server.sip);
    const done = Promise.withResolvers<Untyped>();
    app.srf.invite((request: Untyped) => {
      const uri = `sip:b@127.0.0.1:${target.local.port}`;
      app.srf.proxyRequest(request, [uri], { recordRoute: true }).then(done.resolve, done.reject);
    });
    await using caller = await SipPeer.udp(app.server.sip);
    caller.send(sipRequest(caller, app.server.sip));
    target.send(reply(await target.next(/^INVITE /), '200 OK', 'callee'));
    await caller.next(/^SIP\/2\.0 200 /);
    expect(await done.promise).toMatchObject({ connected: true, finalStatus: 200 });
  });
});

describe('srf.request', () => {
  it('REGISTER answers a digest challenge with the same Call-ID and tag, and the next CSeq', async () => {
    await using app = await App.start();
    await using peer = await SipPeer.udp(app.server.sip);
    const { host, port } = peer.local;
    const options = {
      method: 'REGISTER',
      proxy: `sip:${host}:${port}`,
      headers: { From: '<sip:a@example.invalid>', To: '<sip:a@example.invalid>', Contact: '<sip:a@localhost>' },
      auth: { username: 'a', password: 'secret' },
    };
    const { promise: status, resolve } = Promise.withResolvers<number>();
    app.srf.request('sip:example.invalid', options, (_error: unknown, request: Untyped) =>
      request.on('response', (response: Untyped) => resolve(response.status)),
    );
    const first = await peer.next(/^REGISTER /);
    const challenge = 'WWW-Authenticate: Digest realm="example.invalid", nonce="n1", algorithm=MD5';
    peer.send(reply(first, '401 Unauthorized', 'x', [challenge]));
    const second = await peer.next(/^REGISTER /);
    expect(second).toMatch(/^Authorization: Digest username="a",.*nonce="n1"/m);
    expect(second).toContain(`Contact: <sip:a@${app.server.sip.host}:${app.server.sip.port}>`);
    expect([tagOf(second, 'From'), /^Call-ID: .*$/m.exec(second)?.[0]]).toEqual([
      tagOf(first, 'From'),
      /^Call-ID: .*$/m.exec(first)?.[0],
    ]);
    expect(second).toMatch(/^CSeq: 2 REGISTER\r$/m);
    peer.send(reply(second, '200 OK', 'x'));
    expect(await status).toBe(200);
  });

  it('an unsolicited NOTIFY (MWI, RFC 3842) is handed to the application', async () => {
    await using app = await App.start();
    const { promise, resolve } = Promise.withResolvers<string>();
    app.srf.notify((request: Untyped, response: Untyped) => {
      resolve(request.body);
      response.send(200);
    });
    await using peer = await SipPeer.udp(app.server.sip);
    const headers = ['Event: message-summary', 'Subscription-State: terminated', 'Content-Type: text/plain'];
    peer.send(sipRequest(peer, app.server.sip, { method: 'NOTIFY', headers, body: 'Messages-Waiting: yes\r\n' }));
    await peer.next(/^SIP\/2\.0 200 /, 'NOTIFY');
    expect(await promise).toBe('Messages-Waiting: yes\r\n');
  });
});
