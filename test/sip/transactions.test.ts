/** The four transaction machines, row by row: each test puts a machine in a state, gives it an input, and looks. */
import { describe, expect, it } from 'vitest';
import { ClientTransaction } from '../../harness/sip/client-transaction.ts';
import { SipRequest, SipResponse } from '../../harness/sip/message.ts';
import { ServerTransaction } from '../../harness/sip/server-transaction.ts';
import { sipTimers, TimerSet } from '../../harness/sip/timers.ts';
import {
  type Input,
  inviteClient,
  inviteServer,
  nonInviteClient,
  nonInviteServer,
  type State,
} from '../../harness/sip/transaction-tables.ts';
import type { Transport } from '../../harness/sip/transport.ts';
import { FakeClock } from './fake-clock.ts';

const EMPTY = Buffer.alloc(0);
const timers = sipTimers({ t1Ms: 500 });

function request(method: string): SipRequest {
  const fields = [
    { name: 'Via', value: 'SIP/2.0/UDP h;branch=z9hG4bK1' },
    { name: 'CSeq', value: `7 ${method}` },
  ];
  return new SipRequest({ method, requestUri: 'sip:a@h' }, fields, EMPTY);
}

function response(status: number): SipResponse {
  return new SipResponse({ status, reason: '' }, [{ name: 'To', value: '<sip:a@h>;tag=t' }], EMPTY);
}

class Rig {
  readonly clock = new FakeClock();
  /** Start lines on the wire. */
  readonly sent: string[] = [];
  /** What the user of the transaction was told. */
  readonly told: string[] = [];
  ended = 0;
  readonly context = {
    timers,
    timerSet: new TimerSet(this.clock),
    transport: {
      send: (bytes: Buffer) => this.sent.push(bytes.toString().split('\r\n')[0] ?? ''),
    } as unknown as Transport,
    onEnded: () => this.ended++,
  };

  client(method: string, protocol: 'udp' | 'tcp' = 'udp'): ClientTransaction {
    const client = new ClientTransaction('k', request(method), protocol === 'tcp', this.context, {
      onResponse: ({ status }) => this.told.push(String(status)),
      onFailure: (reason) => this.told.push(reason),
    });
    client.start({ protocol, host: 'h', port: 1 });
    return client;
  }

  server(method: string, protocol: 'udp' | 'tcp' = 'udp'): ServerTransaction {
    return new ServerTransaction('k', request(method), { protocol, host: 'h', port: 1 }, 't', this.context);
  }
}

const peer = { protocol: 'udp', host: 'h', port: 1 } as const;
const afterMs: Partial<Record<Input, number>> = {
  timerA: 500,
  timerB: 32_000,
  timerD: 32_000,
  timerE: 500,
  timerF: 32_000,
  timerG: 500,
  timerH: 32_000,
  timerI: 5_000,
  timerJ: 32_000,
  timerK: 5_000,
  timerL: 32_000,
  timerM: 32_000,
};
const statusOf: Partial<Record<Input, number>> = {
  send1xx: 180,
  send2xx: 200,
  send3to6xx: 486,
  receive1xx: 180,
  receive2xx: 200,
  receive3to6xx: 486,
};

function giveClient(rig: Rig, client: ClientTransaction, input: Input): void {
  if (input === 'transportError') client.failTransport();
  else if (input.startsWith('timer')) rig.clock.advance(afterMs[input] ?? 0);
  else client.receive(response(statusOf[input] ?? 0), peer);
}

function giveServer(rig: Rig, server: ServerTransaction, input: Input): unknown {
  if (input === 'request') return server.receiveAgain();
  if (input === 'ack') return server.receiveAck();
  if (input.startsWith('timer')) return rig.clock.advance(afterMs[input] ?? 0);
  return server.send(response(statusOf[input] ?? 0));
}

/** Inputs that lead from the start to a state. */
const wayTo: Record<string, readonly Input[]> = {
  'INVITE client proceeding': ['receive1xx'],
  'INVITE client accepted': ['receive2xx'],
  'INVITE client completed': ['receive3to6xx'],
  'OPTIONS client proceeding': ['receive1xx'],
  'OPTIONS client completed': ['receive2xx'],
  'INVITE server accepted': ['send2xx'],
  'INVITE server completed': ['send3to6xx'],
  'INVITE server confirmed': ['send3to6xx', 'ack'],
  'OPTIONS server proceeding': ['send1xx'],
  'OPTIONS server completed': ['send2xx'],
};

interface Row {
  readonly state: State;
  readonly input: Input;
  readonly next: State;
  readonly action: string;
}

function rows(table: object): Row[] {
  return Object.entries(table).flatMap(([state, inputs]) =>
    Object.entries(inputs as Record<string, readonly [State, string]>).map(([input, [next, action]]) => ({
      state: state as State,
      input: input as Input,
      next,
      action,
    })),
  );
}

const title = '$state × $input → $next, $action';

describe.for([
  ['INVITE', inviteClient],
  ['OPTIONS', nonInviteClient],
] as const)('%s client', ([method, table]) => {
  it.for(rows(table))(title, ({ state, input, next, action }) => {
    const rig = new Rig();
    const client = rig.client(method);
    for (const step of wayTo[`${method} client ${state}`] ?? []) giveClient(rig, client, step);
    expect(client.state).toBe(state);
    rig.sent.length = rig.told.length = 0;
    // In `proceeding`, retransmissions come at T2 (RFC 3261 17.1.2.2).
    if (input === 'timerE' && state === 'proceeding') rig.clock.advance(timers.t2Ms);
    else giveClient(rig, client, input);
    expect(client.state).toBe(next);
    const status = String(statusOf[input]);
    const told: Record<string, string[]> = {
      passUp: [status],
      ackAndPassUp: [status],
      timeout: ['timeout'],
      fail: ['transport'],
    };
    expect(rig.told).toEqual(told[action] ?? []);
    if (action === 'resend') expect(rig.sent).toEqual([`${method} sip:a@h SIP/2.0`]);
    if (action.startsWith('ack')) expect(rig.sent).toEqual(['ACK sip:a@h SIP/2.0']);
    expect(rig.ended).toBe(next === 'terminated' ? 1 : 0);
    if (next === 'terminated') expect(rig.clock.running).toBe(0);
  });
});

describe.for([
  ['INVITE', inviteServer],
  ['OPTIONS', nonInviteServer],
] as const)('%s server', ([method, table]) => {
  it.for(rows(table))(title, ({ state, input, next, action }) => {
    const rig = new Rig();
    const server = rig.server(method);
    for (const step of wayTo[`${method} server ${state}`] ?? []) giveServer(rig, server, step);
    if (state === 'proceeding' && method === 'INVITE') server.send(response(100)); // there is something to send again
    expect(server.state).toBe(state);
    rig.sent.length = 0;
    const result = giveServer(rig, server, input);
    expect(server.state).toBe(next);
    if (action === 'send') expect(rig.sent).toEqual([`SIP/2.0 ${statusOf[input]} `]);
    if (action === 'resend') expect(rig.sent).toHaveLength(1);
    if (action === 'none') expect(rig.sent).toEqual([]);
    if (input === 'ack') expect(result).toBe(action === 'passUp');
    expect(rig.ended).toBe(next === 'terminated' ? 1 : 0);
    if (next === 'terminated') expect(rig.clock.running).toBe(0);
  });
});

/** When something was sent, to 100 ms. */
function sentAtMs(rig: Rig, untilMs: number): number[] {
  const times: number[] = [];
  for (let ms = 0; ms <= untilMs; ms += 100) {
    const before = rig.sent.length;
    rig.clock.advance(ms === 0 ? 0 : 100);
    if (rig.sent.length > before) times.push(ms);
  }
  return times;
}

describe('retransmissions', () => {
  it('of an INVITE double without limit until timer B (RFC 3261 17.1.1.2)', () => {
    const rig = new Rig();
    rig.client('INVITE');
    expect(sentAtMs(rig, 40_000)).toEqual([500, 1_500, 3_500, 7_500, 15_500, 31_500]);
    expect(rig.told).toEqual(['timeout']);
  });

  it('of another request double up to T2 until timer F', () => {
    const rig = new Rig();
    rig.client('OPTIONS');
    expect(sentAtMs(rig, 20_000)).toEqual([500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500]);
  });

  it('timer F goes on in `proceeding`', () => {
    const rig = new Rig();
    const client = rig.client('OPTIONS');
    rig.clock.advance(30_000);
    client.receive(response(183), peer);
    rig.clock.advance(1_999);
    expect(rig.told).toEqual(['183']);
    rig.clock.advance(1);
    expect(rig.told).toEqual(['183', 'timeout']);
  });

  it('of a refusal double up to T2 until its ACK', () => {
    const rig = new Rig();
    const server = rig.server('INVITE');
    server.send(response(486));
    expect(sentAtMs(rig, 8_000)).toEqual([500, 1_500, 3_500, 7_500]);
    server.receiveAck();
    expect(sentAtMs(rig, 40_000)).toEqual([]);
  });

  it('do not happen on a reliable transport, and nothing lingers there', () => {
    const rig = new Rig();
    const client = rig.client('OPTIONS', 'tcp');
    expect(sentAtMs(rig, 10_000)).toEqual([]);
    client.receive(response(200), peer);
    expect(client.state).toBe('terminated');
    const server = rig.server('OPTIONS', 'tcp');
    server.send(response(200));
    expect(server.state).toBe('terminated');
    expect(rig.told).toEqual(['200']);
  });
});

it('what a table does not name changes nothing', () => {
  const rig = new Rig();
  const server = rig.server('OPTIONS');
  expect(server.send(response(200))).toBe(true);
  expect(server.send(response(500))).toBe(false);
  expect(rig.sent).toEqual(['SIP/2.0 200 ']);
});

it('an unknown final response never comes twice: the ACK is repeated, the response is not passed up again', () => {
  const rig = new Rig();
  const client = rig.client('INVITE');
  for (let again = 0; again < 3; again++) client.receive(response(603), peer);
  expect(rig.told).toEqual(['603']);
  expect(rig.sent.filter((line) => line.startsWith('ACK'))).toHaveLength(3);
});

describe('what is finished is forgotten', () => {
  it.for(Object.keys(wayTo))('%s', (name) => {
    const [method = '', side, state] = name.split(' ');
    const rig = new Rig();
    const machine = side === 'client' ? rig.client(method) : rig.server(method);
    for (const step of wayTo[name] ?? []) {
      if (machine instanceof ClientTransaction) giveClient(rig, machine, step);
      else giveServer(rig, machine, step);
    }
    rig.clock.advance(33_000);
    if (state !== 'proceeding') expect([machine.state, rig.ended, rig.clock.running]).toEqual(['terminated', 1, 0]);
  });
});

describe('retransmissions of a process that is behind with its work', () => {
  const resent = (rig: Rig): number => rig.sent.length - 1;

  it.for([
    ['as long again as they are late', 101, 101],
    ['no longer than their interval', 9_500, 500],
  ] as const)('wait for %s, and then go out', ([, lateMs, waitMs]) => {
    const rig = new Rig();
    rig.client('OPTIONS');
    rig.clock.stall(500 + lateMs);
    rig.clock.advance(waitMs - 1);
    expect(resent(rig)).toBe(0);
    rig.clock.advance(1);
    expect(resent(rig)).toBe(1);
    rig.clock.advance(1_000);
    expect(resent(rig)).toBe(2);
  });

  it('do not go out when the answer was in the socket', () => {
    const rig = new Rig();
    const client = rig.client('OPTIONS');
    rig.clock.stall(3_000);
    rig.clock.advance(0);
    client.receive(response(200), peer);
    rig.clock.advance(10_000);
    expect(rig.sent).toEqual(['OPTIONS sip:a@h SIP/2.0']);
    expect(rig.told).toEqual(['200']);
  });

  it.for([0, 100])('go out at once when they are late by no more than a busy machine: %d ms', (lateMs) => {
    const rig = new Rig();
    rig.client('OPTIONS');
    rig.clock.stall(500 + lateMs);
    rig.clock.advance(0);
    expect(resent(rig)).toBe(1);
  });
});
