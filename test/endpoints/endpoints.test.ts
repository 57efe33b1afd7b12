/** Phones and voice mail, called by another drachtio-srf application over real sockets. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DrachtioServer, type WireRecord } from '../../harness/drachtio/index.ts';
import { audioSdp, Endpoint } from '../../harness/endpoints/endpoint.ts';
import { type BankBehaviour, PhoneBank } from '../../harness/endpoints/phone.ts';
import type { SipRequest } from '../../harness/endpoints/srf.ts';
import { VoiceMail } from '../../harness/endpoints/voicemail.ts';
import type { PhoneBehaviour } from '../../harness/model/scenario.ts';

const GREETING_MS = 60_000;
let stack: AsyncDisposableStack;
let caller: Endpoint;

async function endpoint(
  role: 'phone' | 'voicemail' | 'canary',
  recorder: (record: WireRecord) => void = () => {},
): Promise<Endpoint> {
  const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, recorder });
  const started = await Endpoint.start({ role, server, onTrouble: () => {} });
  return stack.use(started);
}

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  caller = await endpoint('canary');
});
afterEach(async () => {
  await stack.disposeAsync();
});

function attach(phone: Endpoint, behaviourOf: (user: string) => BankBehaviour): PhoneBank {
  return new PhoneBank(phone, behaviourOf);
}

interface Ended {
  readonly status: number;
  readonly provisionals: readonly number[];
}

/** Calls, hangs up when answered or, on request, while it rings; says how it went. */
async function call(
  callee: Endpoint,
  user: string,
  hangUpWhileRinging = false,
  headers: Record<string, string> = {},
): Promise<Ended> {
  const { host, port } = callee.sip;
  const provisionals: number[] = [];
  let invite: SipRequest | undefined;
  try {
    const dialog = await caller.app.createUAC(
      `sip:${user}@${host}:${port}`,
      { proxy: `sip:${host}:${port}`, localSdp: audioSdp('127.0.0.1'), headers },
      {
        cbRequest: (_error, request) => {
          invite = request;
        },
        cbProvisional: ({ status }) => {
          provisionals.push(status);
          if (hangUpWhileRinging) invite?.cancel(() => {});
        },
      },
    );
    await new Promise<void>((resolve) => dialog.destroy({}, () => resolve()));
    return { status: 200, provisionals };
  } catch (error) {
    return { status: (error as { status: number }).status, provisionals };
  }
}

/** Sends a request outside a dialog and returns the status of its response. */
async function ask(
  callee: Endpoint,
  user: string,
  method: string,
  headers: Record<string, string>,
  body: string,
): Promise<number> {
  const { host, port } = callee.sip;
  return new Promise((resolve, reject) => {
    caller.app.request(`sip:${user}@${host}:${port}`, { method, headers, body }, (error, request) => {
      if (error) reject(error as Error);
      else request.on('response', (response) => resolve(response.status));
    });
  });
}

describe('a phone', () => {
  it.for<[PhoneBehaviour, number, number[]]>([
    ['busy', 486, []],
    ['decline', 603, []],
    ['decline-everywhere', 605, []],
    ['do-not-disturb', 480, []],
    ['unregistered', 404, []],
    ['answer', 200, [180]],
    [{ answerAfterMs: 30 }, 200, [180]],
  ])('told to %o ends a call with %i', async ([behaviour, status, provisionals]) => {
    const phone = await endpoint('phone');
    attach(phone, () => behaviour);
    expect(await call(phone, 'alice')).toEqual({ status, provisionals });
  });

  it('told to ring rings until the caller gives up', async () => {
    const phone = await endpoint('phone');
    attach(phone, () => 'ring');
    expect(await call(phone, 'alice', true)).toEqual({ status: 487, provisionals: [180] });
  });

  it.for<PhoneBehaviour>(['answer', { answerAfterMs: 30 }])(
    'told to %o by a caller that requires 100rel rings reliably first (RFC 3262)',
    async (behaviour) => {
      const lines: string[] = [];
      const heads: string[] = [];
      const phone = await endpoint('phone', ({ bytes }) => {
        const [head = ''] = bytes.toString('latin1').split('\r\n\r\n');
        heads.push(head);
        const method = /\r\nCSeq: \d+ (\w+)/i.exec(head)?.[1];
        lines.push(head.startsWith('SIP/2.0') ? `${head.slice(8, 11)} ${method}` : `${method}`);
      });
      attach(phone, () => behaviour);
      const ended = await call(phone, 'alice', false, { Require: '100rel' });
      expect(ended).toEqual({ status: 200, provisionals: [180] });
      expect(lines.slice(0, 4)).toEqual(['INVITE', '100 INVITE', '180 INVITE', 'PRACK']);
      expect(lines.slice(4, 6).toSorted()).toEqual(['200 INVITE', '200 PRACK']);
      expect(heads.filter((head) => /\r\nRequire: 100rel/i.test(head)).length).toBe(2); // INVITE and 180
    },
  );

  it('whom the first caller gives up answers the next call, and not before', async () => {
    const phone = await endpoint('phone');
    const calls = { wasGivenUp: false };
    attach(phone, () => calls);
    expect(await call(phone, 'alice', true)).toEqual({ status: 487, provisionals: [180] });
    expect(await call(phone, 'alice')).toEqual({ status: 200, provisionals: [180] });
  });

  it('behaves as its own user was told', async () => {
    const phone = await endpoint('phone');
    attach(phone, (user) => (user === 'alice' ? 'busy' : 'decline'));
    expect([(await call(phone, 'alice')).status, (await call(phone, 'bob')).status]).toEqual([486, 603]);
  });

  it('reports what REGISTER was answered with when it was not 200', async () => {
    const phone = await endpoint('phone');
    const bank = new PhoneBank(phone, () => 'ring');
    // The caller's endpoint is no registrar: nobody there takes a REGISTER.
    const refused = await bank.register([{ user: 'alice', domain: 'ms-sipre.test', password: 'x' }], caller.sip);
    expect([...refused]).toEqual([['alice', '503']]);
  });
});

describe('voice mail', () => {
  let endpointOfVoicemail: Endpoint;
  const start = async (greetingMs: number): Promise<VoiceMail> => {
    endpointOfVoicemail = await endpoint('voicemail');
    return new VoiceMail(endpointOfVoicemail, { greetingMs, server: caller.sip });
  };

  it('files a missed call when the caller hangs up in the greeting', async () => {
    const voicemail = await start(GREETING_MS);
    const filed = voicemail.nextEntry('alice', 2_000);
    expect((await call(endpointOfVoicemail, 'alice')).status).toBe(200);
    expect(await filed).toMatchObject({ kind: 'missed-call', by: 'voicemail' });
    expect(voicemail.mailbox('alice')).toHaveLength(1);
  });

  it('files a message when the caller stays, and says that one waits (RFC 3842)', async () => {
    const told = new Promise<SipRequest>((resolve) =>
      caller.app.notify((request, response) => {
        response.send(200, {}, () => {});
        resolve(request);
      }),
    );
    const voicemail = await start(0);
    await call(endpointOfVoicemail, 'alice');
    const notify = await told;
    expect(voicemail.mailbox('alice')).toMatchObject([{ kind: 'voice-message', by: 'voicemail' }]);
    expect([notify.get('Event'), notify.body]).toEqual([
      'message-summary',
      expect.stringContaining('Voice-Message: 1/0'),
    ]);
  });

  it('files nothing when the caller gives up before it answers, or was never there', async () => {
    const voicemail = await start(0);
    expect(await voicemail.nextEntry('alice', 20)).toBeNull();
    expect(voicemail.mailbox('alice')).toEqual([]);
  });

  it('takes a missed-call notification of the server, with the Call-ID that it speaks of', async () => {
    const voicemail = await start(0);
    const headers = { Event: 'missed-call', 'Content-Type': 'text/plain' };
    expect(
      await ask(endpointOfVoicemail, 'alice', 'MESSAGE', headers, 'Callee: sip:alice@x\r\nCall-ID: abc@d\r\n'),
    ).toBe(200);
    expect(voicemail.mailbox('alice')).toMatchObject([{ kind: 'missed-call', by: 'server', callId: 'abc@d' }]);
  });

  it('takes it under the compact name of Event as well (RFC 6665 8.2.1)', async () => {
    const voicemail = await start(0);
    expect(
      await ask(
        endpointOfVoicemail,
        'alice',
        'MESSAGE',
        { o: 'missed-call', 'Content-Type': 'text/plain' },
        'Callee: sip:alice@x\r\n',
      ),
    ).toBe(200);
    expect(voicemail.mailbox('alice')).toMatchObject([{ kind: 'missed-call', by: 'server' }]);
  });

  it('refuses a MESSAGE that is none: 489', async () => {
    const voicemail = await start(0);
    expect(await ask(endpointOfVoicemail, 'alice', 'MESSAGE', { 'Content-Type': 'text/plain' }, 'hello')).toBe(489);
    expect(voicemail.mailbox('alice')).toEqual([]);
  });
});
