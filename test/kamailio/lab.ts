/** One Kamailio, and a user agent for each role; all calls of a test file run through it at the same time. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { PolicyId, RoutingFlag } from '../../harness/model/scenario.ts';
import type { Subscriber } from '../../harness/model/server.ts';
import { type CALLEES, LEG_ROLES, type LegRole } from '../../harness/model/words.ts';
import { allocateAddresses } from '../../harness/processes/addresses.ts';
import type { ServerProcess } from '../../harness/runtime/process/server-process.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { authorization, header, headers, type Message, newId, nowMs, Ua, userOf } from './ua.ts';

export type { LegRole } from '../../harness/model/words.ts';

export type Behaviour =
  | Exclude<(typeof CALLEES)[number], 'do-not-disturb'>
  | 'redirect'
  | 'answer-once-it-rings'
  | 'ring-once-answered';

export const WAITS = { totalMs: 600, userMs: 300, team2Ms: 400 };

export interface CallPlan {
  readonly policy?: PolicyId;
  readonly flags?: readonly RoutingFlag[];
  readonly headers?: readonly string[];
  readonly phone?: Behaviour;
  /** What team, delegate, simultaneous ring and forward target do. @default 'ring' */
  readonly others?: Behaviour;
  readonly mailbox?: boolean;
  readonly doNotDisturb?: boolean;
  readonly breakthrough?: readonly string[];
  /** @default an address outside the domain, role `forward-target` */
  readonly forwardTo?: 'delegate';
  /** The caller is a member of the callee's team, a delegate, or the callee. */
  readonly callerIs?: 'team' | 'delegate' | 'callee';
  /** @default 'caller' */
  readonly callerUser?: string;
  /** Caller CANCELs this long after the first 180. */
  readonly hangUpAfterMs?: number;
  /** Caller CANCELs as soon as this one has been rung. */
  readonly hangUpWhen?: LegRole;
  readonly dials?: 'aor' | 'voice-mail-gruu';
  readonly sdp?: string;
  /** @default 'application/sdp' */
  readonly contentType?: string;
  readonly override?: Partial<Subscriber>;
}

export interface CallSeen {
  readonly user: string;
  /** When the caller sent its INVITE, by the clock of what arrived. */
  readonly sentAtMs: number;
  /** First responses of each status, in order, without 100. */
  readonly responses: readonly Message[];
  readonly final: number;
  /** In the order in which the server made them. */
  readonly legs: readonly {
    readonly role: LegRole;
    readonly atMs: number;
    readonly invite: Message;
    readonly cancel?: Message;
  }[];
  /** MESSAGEs that voice mail got about this call. */
  readonly notices: readonly Message[];
}

export const AUDIO = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n';
const ANSWERS = {
  busy: [486, 'Busy Here'],
  decline: [603, 'Decline'],
  'decline-everywhere': [605, 'Decline Everywhere'],
  redirect: [302, 'Moved Temporarily'],
} as const;

export class TestLab implements AsyncDisposable {
  readonly server: ServerProcess;
  readonly caller: Ua;
  readonly uas: Readonly<Record<LegRole, Ua>>;
  readonly #behaviour = new Map<string, Behaviour>();
  readonly #stack: AsyncDisposableStack;

  private constructor(server: ServerProcess, caller: Ua, uas: Record<LegRole, Ua>, stack: AsyncDisposableStack) {
    this.server = server;
    this.caller = caller;
    this.uas = uas;
    this.#stack = stack;
    for (const role of LEG_ROLES) uas[role].onRequest = (request) => this.#play(role, request);
  }

  /** @param editConfig changes the server's configuration */
  static async start(editConfig: (config: string) => string = (config) => config): Promise<TestLab> {
    const stack = new AsyncDisposableStack();
    const workDir = await mkdtemp(join(tmpdir(), 'ringfence-kamailio-'));
    stack.defer(() => rm(workDir, { recursive: true }));
    const addresses = stack.use(await allocateAddresses(['server', 'caller', ...LEG_ROLES]));
    const caller = stack.use(await Ua.open(addresses.hosts.caller));
    const opened = await Promise.all(
      LEG_ROLES.map(async (role) => [role, stack.use(await Ua.open(addresses.hosts[role]))]),
    );
    const uas = Object.fromEntries(opened) as Record<LegRole, Ua>;
    const options = {
      workDir,
      host: addresses.hosts.server,
      voicemail: uas.voicemail,
      callForwardingTimerMs: 700,
      editConfig,
    };
    return new TestLab(stack.use(await startKamailio(options)), caller, uas, stack);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }

  /** Provisions and registers everybody first, then places all calls at once. Results have the plans' keys. */
  async run<Name extends string>(plans: Readonly<Record<Name, CallPlan>>): Promise<Record<Name, CallSeen>> {
    const named = Object.entries<CallPlan>(plans).map(([name, plan], i) => ({ name, plan, user: `u${i}` }));
    await this.server.provision(named.flatMap(({ plan, user }) => this.#subscribers(plan, user)));
    await Promise.all(named.map(({ plan, user }) => this.#register(plan, user)));
    const seen = await Promise.all(named.map(async ({ name, plan, user }) => [name, await this.#call(plan, user)]));
    return Object.fromEntries(seen) as Record<Name, CallSeen>;
  }

  /** REGISTER with digest. Answers with the final status. */
  async register(
    role: 'phone' | 'team' | 'delegate',
    user: string,
    policy: PolicyId,
    password: string,
    extra: readonly string[] = [],
  ): Promise<number> {
    const ua = this.uas[role];
    const uri = `sip:${policy}.test`;
    const callId = newId();
    const ask = async (cseq: number, lines: readonly string[]): Promise<Message> => {
      ua.send(this.server.sip, `REGISTER ${uri} SIP/2.0`, [
        `Via: SIP/2.0/UDP ${ua.host}:${ua.port};branch=z9hG4bK${callId}${cseq}`,
        'Max-Forwards: 70',
        `From: <sip:${user}@${policy}.test>;tag=${callId}`,
        `To: <sip:${user}@${policy}.test>`,
        `Call-ID: ${callId}`,
        `CSeq: ${cseq} REGISTER`,
        ...(extra.length > 0 ? extra : [`Contact: <sip:${user}@${ua.host}:${ua.port}>`]),
        ...lines,
      ]);
      return ua.waitFor(`the answer to REGISTER of ${user}`, callId, (m) => header(m, 'CSeq') === `${cseq} REGISTER`);
    };
    const first = await ask(1, []);
    if (first.status !== 401) return first.status;
    const credentials = authorization(header(first, 'WWW-Authenticate'), 'REGISTER', uri, user, password);
    return (await ask(2, [credentials])).status;
  }

  #subscribers(plan: CallPlan, user: string): Subscriber[] {
    const { policy = 'ms-sipre', flags = [], mailbox = true, doNotDisturb = false, breakthrough = [], override } = plan;
    const at = (role: LegRole) => `sip:${user}-${role}@${this.uas[role].host}:${this.uas[role].port}`;
    const none = { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] };
    const common = { policy, password: `pw-${user}`, waits: WAITS, voicemail: mailbox, doNotDisturb };
    const lists = {
      forwardto: [plan.forwardTo ? `sip:${user}-${plan.forwardTo}@${policy}.test` : at('forward-target')],
      simultaneous_ring: [at('simultaneous-ring')],
      team: [`sip:${user}-team@${policy}.test`],
      delegates: [`sip:${user}-delegate@${policy}.test`],
      breakthrough,
    };
    return [
      { user, ...common, flags, lists, ...override },
      { user: `${user}-team`, ...common, flags: [], lists: none },
      { user: `${user}-delegate`, ...common, flags: [], lists: none },
    ];
  }

  async #register({ policy = 'ms-sipre', phone = 'ring', others = 'ring' }: CallPlan, user: string): Promise<void> {
    this.#behaviour.set(user, phone);
    for (const role of LEG_ROLES) this.#behaviour.set(`${user}-${role}`, others);
    const wanted = [
      ...(phone === 'unregistered' ? [] : [['phone', user] as const]),
      ...(others === 'unregistered'
        ? []
        : [['team', `${user}-team`] as const, ['delegate', `${user}-delegate`] as const]),
    ];
    const statuses = await Promise.all(wanted.map(([role, name]) => this.register(role, name, policy, `pw-${user}`)));
    if (statuses.some((status) => status !== 200)) throw new Error(`${user} could not register: ${statuses}`);
  }

  async #call(plan: CallPlan, user: string): Promise<CallSeen> {
    const {
      policy = 'ms-sipre',
      callerIs,
      hangUpAfterMs = 0,
      hangUpWhen,
      dials = 'aor',
      sdp = AUDIO,
      contentType = 'application/sdp',
    } = plan;
    const { caller, server } = this;
    const callers = { team: `${user}-team`, delegate: `${user}-delegate`, callee: user };
    const callerUser = callerIs === undefined ? (plan.callerUser ?? 'caller') : callers[callerIs];
    const callId = newId();
    const uri = `sip:${user}@${policy}.test${dials === 'aor' ? '' : ';opaque=app:voicemail;gruu'}`;
    const common = (cseq: string, to = '') => [
      `Via: SIP/2.0/UDP ${caller.host}:${caller.port};branch=z9hG4bK${callId}${cseq.startsWith('1 ') ? '' : newId()}`,
      'Max-Forwards: 70',
      `From: <sip:${callerUser}@${policy}.test>;tag=${callId}`,
      `To: ${to === '' ? `<sip:${user}@${policy}.test>` : to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${cseq}`,
    ];
    const contact = `Contact: <sip:${callerUser}@${caller.host}:${caller.port}>`;
    const extra = [contact, ...(plan.headers ?? []), `Content-Type: ${contentType}`];
    const sentAtMs = nowMs();
    caller.send(server.sip, `INVITE ${uri} SIP/2.0`, [...common('1 INVITE'), ...extra], sdp);

    const isMine = (m: Message) => header(m, 'CSeq') === '1 INVITE';
    if (hangUpAfterMs > 0 || hangUpWhen !== undefined) {
      await caller.waitFor(`180 of ${user}`, callId, (m) => isMine(m) && m.status === 180);
      await delay(hangUpAfterMs);
      if (hangUpWhen) await this.uas[hangUpWhen].waitFor(`INVITE for ${user}`, callId, (m) => m.method === 'INVITE');
      caller.send(server.sip, `CANCEL ${uri} SIP/2.0`, common('1 CANCEL'));
    }
    const final = await caller.waitFor(`the final response to ${user}`, callId, (m) => isMine(m) && m.status >= 200);
    const to = header(final, 'To');
    if (final.status < 300) {
      const target = /<(.*)>/.exec(header(final, 'Contact'))?.[1] ?? uri;
      const route = headers(final, 'Record-Route')
        .toReversed()
        .map((value) => `Route: ${value}`);
      caller.send(server.sip, `ACK ${target} SIP/2.0`, [...common('2 ACK', to).map(ackCseq), ...route]);
      caller.send(server.sip, `BYE ${target} SIP/2.0`, [...common('2 BYE', to), ...route]);
      await caller.waitFor(`200 to BYE of ${user}`, callId, (m) => header(m, 'CSeq') === '2 BYE' && m.status === 200);
    } else {
      caller.send(server.sip, `ACK ${uri} SIP/2.0`, common('1 ACK', to));
    }
    await this.#canary(user, policy);
    return { ...this.#seen(user, callId, final.status), sentAtMs };
  }

  /** A MESSAGE that reaches voice mail after the call: whatever the server had to say before has arrived as well. */
  async #canary(user: string, policy: PolicyId): Promise<void> {
    const id = newId();
    const uri = `sip:${user}@${policy}.test;opaque=app:voicemail;gruu`;
    const { caller } = this;
    caller.send(this.server.sip, `MESSAGE ${uri} SIP/2.0`, [
      `Via: SIP/2.0/UDP ${caller.host}:${caller.port};branch=z9hG4bK${id}`,
      'Max-Forwards: 70',
      `From: <sip:canary@${policy}.test>;tag=${id}`,
      `To: <sip:${user}@${policy}.test>`,
      `Call-ID: ${id}`,
      'CSeq: 1 MESSAGE',
    ]);
    const { status } = await caller.waitFor(`the canary of ${user}`, id, () => true);
    if (status !== 200) throw new Error(`The canary of ${user} was answered ${status}.`);
  }

  #seen(user: string, callId: string, final: number): Omit<CallSeen, 'sentAtMs'> {
    const legs = LEG_ROLES.flatMap((role) => {
      const messages = this.uas[role].call(callId);
      const invites = messages.filter(({ method }) => method === 'INVITE');
      return invites.map((invite) => {
        const branch = header(invite, 'Via');
        const cancel = messages.find((m) => m.method === 'CANCEL' && header(m, 'Via') === branch);
        return { role, atMs: invite.atMs, invite, ...(cancel ? { cancel } : {}) };
      });
    });
    const responses = this.caller.call(callId).filter((m) => header(m, 'CSeq') === '1 INVITE' && m.status > 100);
    const notices = this.uas.voicemail.received.filter(
      (m) => m.method === 'MESSAGE' && m.body.includes(`Call-ID: ${callId}\r\n`),
    );
    return { user, responses, final, legs: legs.toSorted((a, b) => branchOf(a.invite) - branchOf(b.invite)), notices };
  }

  #play(role: LegRole, request: Message): void {
    const ua = this.uas[role];
    const user = userOf(request.startLine);
    if (request.method === 'ACK') return;
    if (request.method === 'CANCEL') {
      const legs = ua.call(header(request, 'Call-ID'));
      const invite = legs.find((m) => m.method === 'INVITE' && header(m, 'Via') === header(request, 'Via'));
      ua.respond(request, 200, 'OK');
      if (invite) ua.respond(invite, 487, 'Request Terminated');
      return;
    }
    if (request.method !== 'INVITE') {
      ua.respond(request, 200, 'OK');
      return;
    }
    const contact = `Contact: <sip:${user}@${ua.host}:${ua.port}>`;
    const behaviour = role === 'voicemail' ? 'answer' : (this.#behaviour.get(user) ?? 'ring');
    if (behaviour in ANSWERS) {
      const [status, reason] = ANSWERS[behaviour as keyof typeof ANSWERS];
      ua.respond(request, status, reason);
      return;
    }
    if (behaviour === 'answer-once-it-rings' || behaviour === 'ring-once-answered') {
      const callersCopy = behaviour === 'ring-once-answered' ? 200 : 180;
      const callId = header(request, 'Call-ID');
      const seen = this.caller.waitFor(`${callersCopy} of ${user}`, callId, (m) => m.status === callersCopy);
      void seen.then(
        () =>
          behaviour === 'ring-once-answered'
            ? ua.respond(request, 180, 'Ringing', [contact])
            : ua.respond(request, 200, 'OK', [contact, 'Content-Type: application/sdp'], AUDIO),
        () => {}, // the deadline: the situation then fails by what it lacks
      );
      return;
    }
    if (role !== 'voicemail') ua.respond(request, 180, 'Ringing', [contact]);
    if (behaviour === 'answer') ua.respond(request, 200, 'OK', [contact, 'Content-Type: application/sdp'], AUDIO);
  }
}

/**
 * Which of the server's branches it is, by what its module tm ends the branch parameter of Via with: hexadecimal, last digit
 * first. When it arrived says less: on a busy machine two sockets are read in any order.
 */
function branchOf(invite: Message): number {
  const [, digits] = /;branch=z9hG4bK[^;.]+\.[^;.]+\.([0-9a-f]+)/.exec(header(invite, 'Via')) ?? [];
  if (digits === undefined) throw new Error(`no branch of tm in ${header(invite, 'Via')}`);
  return Number.parseInt([...digits].toReversed().join(''), 16);
}

function ackCseq(line: string): string {
  return line === 'CSeq: 2 ACK' ? 'CSeq: 1 ACK' : line;
}
