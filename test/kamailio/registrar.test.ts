/** Who may register, who may send what where: registrar, requests inside and outside dialogs, no open relay. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Subscriber } from '../../harness/model/server.ts';
import { TestLab, WAITS } from './lab.ts';
import { type Message, newId } from './ua.ts';

let lab: TestLab;
const subscriber: Subscriber = {
  user: 'alice',
  policy: 'plain',
  password: 'p|a!s,s "w=o;rd',
  flags: [],
  lists: { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] },
  waits: WAITS,
  voicemail: true,
  doNotDisturb: false,
};

beforeAll(async () => {
  lab = await TestLab.start();
  await lab.server.provision([subscriber, { ...subscriber, user: 'bob' }]);
});
afterAll(() => lab[Symbol.asyncDispose]());

/** Sends one request without a body from the caller, and waits for its response. */
async function ask(startLine: string, lines: readonly string[] = [], to = '<sip:alice@plain.test>'): Promise<Message> {
  const [method = ''] = startLine.split(' ');
  const { caller, server } = lab;
  const callId = newId();
  const names = lines.map((line) => line.split(':', 1)[0]);
  const usual = [
    `Via: SIP/2.0/UDP ${caller.host}:${caller.port};branch=z9hG4bK${callId}`,
    'Max-Forwards: 70',
    `From: <sip:caller@plain.test>;tag=${callId}`,
    `To: ${to}`,
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
  ].filter((line) => !names.includes(line.split(':', 1)[0]));
  caller.send(server.sip, `${startLine} SIP/2.0`, [...usual, ...lines]);
  return caller.waitFor(`an answer to ${startLine}`, callId, (m) => m.status >= 200);
}
const contact = () => `sip:alice@${lab.uas.phone.host}:${lab.uas.phone.port}`;

const stranger = () => `sip:x@${lab.uas.team.host}:${lab.uas.team.port}`;
const reached = () => lab.uas.team.received.length;

describe('REGISTER', () => {
  it('is accepted with the right password', async () => {
    expect(await lab.register('phone', 'alice', 'plain', subscriber.password)).toBe(200);
  });

  it('is challenged without one', async () => {
    const { status, headers } = await ask('REGISTER sip:plain.test', [`Contact: <${contact()}>`]);
    expect(status).toBe(401);
    expect(headers.find(([name]) => name === 'WWW-Authenticate')?.[1]).toContain('realm="plain.test"');
  });

  it('is refused with a wrong password, and binds nothing', async () => {
    expect(await lab.register('phone', 'bob', 'plain', 'wrong')).toBe(403);
    expect((await ask('OPTIONS sip:bob@plain.test')).status).toBe(480);
  });

  it('is not for strangers', async () => {
    expect(await lab.register('phone', 'nobody', 'plain', 'x')).toBe(404);
    expect(await lab.register('phone', 'alice', 'ms-sipre', subscriber.password)).toBe(404);
  });

  it('is refused for somebody else', async () => {
    const credentials = 'Digest username="bob", realm="plain.test", nonce="n", uri="sip:plain.test", response="r"';
    expect((await ask('REGISTER sip:plain.test', [`Authorization: ${credentials}`])).status).toBe(403);
  });

  it('unbinds with Expires 0', async () => {
    await lab.register('phone', 'alice', 'plain', subscriber.password);
    expect((await ask('OPTIONS sip:alice@plain.test')).status).toBe(200);
    const all = ['Contact: *', 'Expires: 0'];
    expect(await lab.register('phone', 'alice', 'plain', subscriber.password, all)).toBe(200);
    expect((await ask('OPTIONS sip:alice@plain.test')).status).toBe(480);
  });
});

describe('other requests', () => {
  it.each(['OPTIONS', 'MESSAGE', 'NOTIFY', 'INFO'])('%s reaches a registered phone', async (method) => {
    await lab.register('phone', 'alice', 'plain', subscriber.password);
    const before = lab.uas.phone.received.length;
    expect((await ask(`${method} sip:alice@plain.test`)).status).toBe(200);
    const [arrived] = lab.uas.phone.received.slice(before).filter((m) => m.method === method);
    expect(arrived?.startLine).toBe(`${method} ${contact()} SIP/2.0`);
  });

  it('OPTIONS to the server itself is answered', async () => {
    const { host, port } = lab.server.sip;
    expect((await ask(`OPTIONS sip:${host}:${port}`)).status).toBe(200);
    expect((await ask('OPTIONS sip:plain.test')).status).toBe(200);
  });

  it('an unknown user is 404, at a host without subscribers as well', async () => {
    expect((await ask('INVITE sip:nobody@plain.test')).status).toBe(404);
    expect((await ask(`INVITE sip:alice@${lab.server.sip.host}:${lab.server.sip.port}`)).status).toBe(404);
  });

  it('the domain is compared in any case', async () => {
    await lab.register('phone', 'alice', 'plain', subscriber.password);
    expect((await ask('OPTIONS sip:alice@Plain.TEST')).status).toBe(200);
  });
});

describe('no open relay', () => {
  it.each(['INVITE', 'MESSAGE', 'OPTIONS', 'SUBSCRIBE'])('%s to a foreign address is refused', async (method) => {
    const before = reached();
    expect((await ask(`${method} ${stranger()}`)).status).toBe(403);
    expect((await ask(`${method} sip:x@example.org`)).status).toBe(403);
    expect(reached()).toBe(before);
  });

  it('a preloaded Route to somebody else is refused, one to us is not', async () => {
    const { host, port } = lab.server.sip;
    const own = `<sip:${host}:${port};lr>`;
    const before = reached();
    expect((await ask('OPTIONS sip:alice@plain.test', [`Route: ${own}, <${stranger()};lr>`])).status).toBe(403);
    expect((await ask('OPTIONS sip:alice@plain.test', [`Route: <${stranger()};lr>`])).status).toBe(403);
    expect(reached()).toBe(before);
    await lab.register('phone', 'alice', 'plain', subscriber.password);
    expect((await ask('OPTIONS sip:alice@plain.test', [`Route: ${own}`])).status).toBe(200);
  });

  it('inside a dialog, a next hop by name is refused rather than looked up', async () => {
    const { host, port } = lab.server.sip;
    const to = '<sip:alice@plain.test>;tag=1';
    expect((await ask('BYE sip:x@example.invalid', [`Route: <sip:${host}:${port};lr>`], to)).status).toBe(403);
    expect((await ask('BYE sip:alice@plain.test', [], to)).status).toBe(404);
  });

  it('a request that has hopped too often is refused', async () => {
    expect((await ask('INVITE sip:alice@plain.test', ['Max-Forwards: 0'])).status).toBe(483);
  });
});
