/**
 * A SIP server of this folder alone: `node tiny-proxy.ts HOST PORT VOICEMAIL_HOST VOICEMAIL_PORT`. A registrar and stateless
 * proxy (RFC 3261 16.11) that asks nobody for a password, and sends whoever is busy (486) or has no phone to voice mail.
 */
import { createSocket } from 'node:dgram';

interface Target {
  readonly host: string;
  readonly port: number;
}

interface Call {
  readonly invite: string;
  target: Target;
  diverted: boolean;
}

const [host = '', port = '', voicemailHost = '', voicemailPort = ''] = process.argv.slice(2);
const voicemail: Target = { host: voicemailHost, port: Number(voicemailPort) };
const phones = new Map<string, Target>();
/** By the caller's branch. */
const calls = new Map<string, Call>();
const socket = createSocket('udp4');

socket.on('message', (bytes, { address, port: from }) => {
  const text = bytes.toString('latin1');
  if (!text.includes('\r\n\r\n')) return;
  if (text.startsWith('SIP/2.0 ')) answered(text);
  else asked(text, { host: address, port: from });
});
socket.bind(Number(port), host);
process.on('SIGTERM', () => socket.close(() => process.exit(0)));

function asked(text: string, from: Target): void {
  const [method = '', uri = ''] = text.split(' ', 2);
  const user = /^sip:([^@;]+)@/.exec(uri)?.[1];
  if (method === 'REGISTER') {
    const [, name = '', phoneHost = '', phonePort = '5060'] =
      /^Contact: *<sip:([^@]+)@([\d.]+)(?::(\d+))?/im.exec(text) ?? [];
    phones.set(name, { host: phoneHost, port: Number(phonePort) });
    send(reply(text, '200 OK', /^Contact:.*\r\n/im.exec(text)?.[0] ?? ''), from);
  } else if (user === undefined) {
    send(reply(text, '200 OK'), from);
  } else {
    const branch = topBranch(text);
    const call = calls.get(branch) ?? { invite: text, target: phones.get(user) ?? voicemail, diverted: false };
    if (method === 'INVITE') calls.set(branch, call);
    send(withVia(text, branch, call.diverted), call.target);
  }
}

function answered(text: string): void {
  const ours = topBranch(text);
  const branch = ours.slice(0, ours.lastIndexOf('-'));
  const call = calls.get(branch);
  if (text.startsWith('SIP/2.0 486 ') && call !== undefined && !call.diverted) {
    send(acknowledgement(call, text), call.target);
    Object.assign(call, { target: voicemail, diverted: true });
    send(withVia(call.invite, branch, true), voicemail);
    return;
  }
  const rest = text.replace(/^Via:.*\r\n/im, '');
  const [, nextHost = '', nextPort = '5060'] = /^Via:[^;]*?([\d.]+)(?::(\d+))?[;\r]/im.exec(rest) ?? [];
  send(rest, { host: nextHost, port: Number(nextPort) });
}

/** Of the INVITE that was refused, so with its branch (RFC 3261 17.1.1.3). */
function acknowledgement({ invite }: Call, refusal: string): string {
  const to = /^To:.*\r\n/im.exec(refusal)?.[0] ?? '';
  const kept = ['From', 'Call-ID', 'Max-Forwards'].map(
    (name) => new RegExp(`^${name}:.*\\r\\n`, 'im').exec(invite)?.[0],
  );
  const [start = ''] = invite.split('\r\n', 1);
  const via = /^Via:.*\r\n/im.exec(withVia(invite, topBranch(invite), false))?.[0] ?? '';
  const cseq = /^CSeq: *(\d+)/im.exec(invite)?.[1] ?? '1';
  return `${start.replace('INVITE', 'ACK')}\r\n${via}${kept.join('')}${to}CSeq: ${cseq} ACK\r\nContent-Length: 0\r\n\r\n`;
}

function withVia(text: string, branch: string, diverted: boolean): string {
  const via = `Via: SIP/2.0/UDP ${host}:${port};branch=${branch}-${diverted ? 2 : 1}\r\n`;
  return text.replace('\r\n', `\r\n${via}`);
}

function reply(text: string, status: string, more = ''): string {
  const kept = text.match(/^(?:Via|From|To|Call-ID|CSeq):.*\r\n/gim) ?? [];
  const tagged = kept.map((line) => (/^To:/i.test(line) ? line.replace('\r\n', ';tag=tiny\r\n') : line));
  return `SIP/2.0 ${status}\r\n${tagged.join('')}${more}Content-Length: 0\r\n\r\n`;
}

function topBranch(text: string): string {
  return /^Via:.*?;branch=([^;,\s]+)/im.exec(text)?.[1] ?? '';
}

function send(text: string, { host: to, port: at }: Target): void {
  socket.send(Buffer.from(text, 'latin1'), at, to);
}
