import { DrachtioServer, type DrachtioServerOptions } from '../../harness/drachtio/index.ts';
import { headerOf, sipRequest } from '../drachtio-hostile/call.ts';
import { type Frame, RawControl } from '../drachtio-hostile/raw-control.ts';
import { hostPort, SipPeer } from '../drachtio-hostile/sip-peer.ts';

const VERBS = ['invite', 'message', 'publish', 'refer', 'info', 'subscribe', 'notify', 'options', 'register'];

/** A server between an application that is played frame by frame and a peer that is played message by message. */
export class Stage implements AsyncDisposable {
  readonly server: DrachtioServer;
  readonly app: RawControl;
  readonly peer: SipPeer;

  private constructor(server: DrachtioServer, app: RawControl, peer: SipPeer) {
    this.server = server;
    this.app = app;
    this.peer = peer;
  }

  static async set(options: Partial<DrachtioServerOptions> = {}, transport: 'udp' | 'tcp' = 'udp'): Promise<Stage> {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, ...options });
    const app = await RawControl.app(server, VERBS);
    return new Stage(server, app, await SipPeer[transport](server.sip));
  }

  /** `sip:` URI of the peer. */
  get target(): string {
    return `sip:b@${hostPort(this.peer.local)}`;
  }

  /** The application sends a request. `ids`: transaction id and dialog id, with the bar between them. */
  async send(lines: readonly string[], ids = '|', body = ''): Promise<Frame> {
    return this.app.commandFrame(`sip|${ids}\r\n${lines.join('\r\n')}\r\n\r\n${body}`);
  }

  /** The application answers a request as the library does. */
  async respond(request: Frame, status: string, headers: readonly string[] = [], body = ''): Promise<Frame> {
    const copied = ['From', 'To', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request.message, name)}`);
    return this.send([`SIP/2.0 ${status}`, ...copied, ...headers], `${request.tokens[8]}|`, body);
  }

  /** The peer calls, the application answers, the peer acknowledges. */
  async callIn(
    callId: string,
    headers: readonly string[] = [],
  ): Promise<{ dialogId: string; toTag: string; answer: string }> {
    this.peer.send(sipRequest(this.peer, this.server.sip, { callId, headers }));
    const echo = await this.respond(await this.app.request('INVITE'), '200 OK');
    const answer = await this.peer.next(/^SIP\/2\.0 200 /, 'INVITE');
    const toTag = tagOf(answer, 'To');
    this.peer.send(sipRequest(this.peer, this.server.sip, { method: 'ACK', callId, toTag }));
    await this.app.request('ACK');
    return { dialogId: echo.tokens[11] ?? '', toTag, answer };
  }

  /** The application calls, the peer answers, the application acknowledges. */
  async callOut(headers: readonly string[] = []): Promise<{ dialogId: string; invite: string }> {
    await this.send([`INVITE ${this.target} SIP/2.0`]);
    const invite = await this.peer.next(/^INVITE /);
    this.peer.send(reply(invite, '200 OK', 'callee', headers));
    const answer = await this.response('200');
    const dialogId = answer.tokens[9] ?? '';
    await this.send(['ACK sip:placeholder SIP/2.0'], `|${dialogId}`);
    await this.peer.next(/^ACK /);
    return { dialogId, invite };
  }

  /** Next response that the application sees. */
  async response(status: string): Promise<Frame> {
    return this.app.next(({ tokens, message }) => tokens[1] === 'sip' && message.startsWith(`SIP/2.0 ${status}`));
  }

  /** Whatever was under way has arrived: the application and the peer have each had an answer to a later question. */
  async settled(): Promise<void> {
    this.peer.send(sipRequest(this.peer, this.server.sip, { method: 'DANCE' }));
    await this.peer.next(/^SIP\/2\.0 501 /, 'DANCE');
    await this.app.command('ping');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.app[Symbol.dispose]();
    await this.peer[Symbol.asyncDispose]();
    await this.server.stop();
  }
}

/** The peer's response to a request of the server. */
export function reply(request: string, status: string, toTag: string, headers: readonly string[] = []): string {
  const vias = [...request.matchAll(/^Via: .*$/gim)].map(([line]) => line.trim());
  const copied = ['From', 'Call-ID', 'CSeq'].map((name) => `${name}: ${headerOf(request, name)}`);
  const to = headerOf(request, 'To');
  const tagged = /;tag=/.test(to) ? to : `${to};tag=${toTag}`;
  return [`SIP/2.0 ${status}`, ...vias, ...copied, `To: ${tagged}`, ...headers, 'Content-Length: 0', '', ''].join(
    '\r\n',
  );
}

/** A request of the peer inside a dialog that the server's side began. */
export function requestBack(
  stage: Stage,
  invite: string,
  method: string,
  cseq: number,
  headers: readonly string[] = [],
): string {
  const { host, port } = stage.peer.local;
  return [
    `${method} sip:app@${stage.server.sip.host}:${stage.server.sip.port} SIP/2.0`,
    `Via: SIP/2.0/UDP ${host}:${port};rport;branch=z9hG4bK-back-${cseq}-${method}`,
    `From: ${headerOf(invite, 'To')};tag=callee`,
    `To: ${headerOf(invite, 'From')}`,
    `Call-ID: ${headerOf(invite, 'Call-ID')}`,
    `CSeq: ${cseq} ${method}`,
    'Max-Forwards: 70',
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

export function tagOf(message: string, header: 'From' | 'To'): string {
  return /;tag=([^;\s]+)/.exec(headerOf(message, header))?.[1] ?? '';
}
