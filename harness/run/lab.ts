import type { WireRecord } from '../drachtio/index.ts';
import { B2bua } from '../endpoints/b2bua.ts';
import { Endpoint } from '../endpoints/endpoint.ts';
import { MessageCounts } from '../endpoints/message-counts.ts';
import { MessageWaiting } from '../endpoints/message-waiting.ts';
import { type BankBehaviour, PhoneBank } from '../endpoints/phone.ts';
import { VoiceMail } from '../endpoints/voicemail.ts';
import type { PhoneBehaviour } from '../model/scenario.ts';
import type { ServerAddress, StartedServer } from '../model/server.ts';
import type { LoggedAs } from '../model/words.ts';
import {
  type ApplicationRole,
  ENDPOINT_ROLES,
  type EndpointRole,
  type PhoneRole,
  type VoicemailSign,
} from '../model/words.ts';
import { type StartedUa, startUa, type UaSite } from '../ua/index.ts';
import type { FiledEntry } from './reader.ts';
import type { LabSite, OpenSite, UaGround } from './site.ts';
import { WireLog } from './wire-log.ts';

export interface LabOptions {
  readonly openSite: OpenSite;
  /** How long the voice mail greeting plays. */
  readonly greetingMs: number;
  /** What a callee's own phone does. */
  readonly behaviourOf: (user: string) => PhoneBehaviour;
  /** What everybody else's does. @default it rings for a moment, as a person's would, and is answered: the call then has an end of its own */
  readonly colleagueOf?: (user: string) => BankBehaviour;
  /** What voice mail gives of itself. @default nothing */
  readonly signsOf?: (user: string) => readonly VoicemailSign[];
  /** Some calls go through a B2BUA. @default false */
  readonly b2bua?: boolean;
  /** So many callees the server will be asked to make accounts for, at most. @default nobody knows */
  readonly mostCallees?: number;
  /** How long the user agent under test may take until its accounts are registered. @default see startUa */
  readonly uaReadyTimeoutMs?: number | undefined;
  /** A part of the lab went deaf. `users`: the callees whose phones it was; left out: everybody is concerned. */
  readonly onTrouble: (text: string, users?: ReadonlySet<string>) => void;
}

/** Trap phones ring for a moment, as a person's would, and answer: the call then has an end of its own. */
const COLLEAGUE: PhoneBehaviour = { answerAfterMs: 50 };

/** For every contact to be taken away. */
const LEAVE_WITHIN_MS = 5_000;

/**
 * Everything around the server under test, up and connected: phones, voice mail, forward target and the canaries'
 * caller, each a drachtio-srf application with a SIP server of its own, all on loopback addresses of this run alone.
 */
export class Lab implements AsyncDisposable {
  readonly server: StartedServer;
  readonly wire: WireLog;
  readonly voicemail: VoiceMail;
  readonly banks: Readonly<Record<PhoneRole, PhoneBank>>;
  /** Of mailboxes that are inside of the server. */
  readonly counts = new MessageCounts();
  readonly waiting: MessageWaiting;
  readonly outside: { readonly forward: ServerAddress; readonly mobile: ServerAddress };
  /** Places the canary calls. */
  readonly canaryEndpoint: Endpoint;
  readonly site: LabSite;
  /** The callees' own phones, where they are not ours. */
  readonly ua: StartedUa | null;
  /** Of the callees' phones, by Call-ID; null: they keep none. */
  readonly callLog: ReadonlyMap<string, LoggedAs> | null;
  readonly endpoints: Readonly<Record<EndpointRole, Endpoint>>;
  /** In the path of some calls; null: of none. */
  readonly b2bua: B2bua | null;
  readonly #resources: AsyncDisposableStack;
  #filed: FiledEntry[] = [];
  #isLeft = false;

  private constructor(parts: {
    server: StartedServer;
    wire: WireLog;
    endpoints: Record<EndpointRole, Endpoint>;
    site: LabSite;
    ua: StartedUa | null;
    callLog: ReadonlyMap<string, LoggedAs>;
    b2bua: Endpoint | null;
    options: LabOptions;
    resources: AsyncDisposableStack;
  }) {
    const { server, wire, endpoints, site, ua, callLog, b2bua, options, resources } = parts;
    this.server = server;
    this.wire = wire;
    this.endpoints = endpoints;
    this.site = site;
    this.ua = ua;
    this.callLog = ua?.callLog === true ? callLog : null;
    this.b2bua = b2bua && new B2bua(b2bua);
    this.canaryEndpoint = endpoints.canary;
    this.voicemail = new VoiceMail(endpoints.voicemail, {
      greetingMs: options.greetingMs,
      ...(options.signsOf && { signsOf: options.signsOf }),
      // Whoever runs the server has subscribers of his own: nobody there is told anything.
      server: server.manners === undefined ? server.sip : null,
      onFiled: (user, entry) => this.#filed.push({ user, entry }),
    });
    this.waiting = new MessageWaiting(endpoints.phone, this.counts);
    const colleague = options.colleagueOf ?? ((): BankBehaviour => COLLEAGUE);
    this.banks = {
      phone: new PhoneBank(endpoints.phone, options.behaviourOf, this.waiting),
      team: new PhoneBank(endpoints.team, colleague),
      delegate: new PhoneBank(endpoints.delegate, colleague),
      'simultaneous-ring': new PhoneBank(endpoints['simultaneous-ring'], colleague),
      'forward-target': new PhoneBank(endpoints['forward-target'], colleague),
    };
    const { transport } = server.sip;
    this.outside = {
      forward: { ...endpoints['forward-target'].sip, transport },
      mobile: { ...endpoints['simultaneous-ring'].sip, transport },
    };
    this.#resources = resources;
  }

  /** @throws {LabError} when a part does not come up; the others are stopped again. */
  static async start(options: LabOptions): Promise<Lab> {
    await using resources = new AsyncDisposableStack();
    const site = resources.use(await options.openSite({ onTrouble: options.onTrouble }));
    const wire = new WireLog();
    const startEndpoint = async (role: ApplicationRole): Promise<Endpoint> => {
      // Who places the canaries has no part in a call; who places the calls keeps a record of its own, of a B2BUA's first leg too.
      const ofCaller = ({ remote }: WireRecord): boolean => role === 'b2bua' && remote.host === site.hosts.caller;
      const record = role === 'canary' ? () => {} : wire.recorder(role, ofCaller);
      const server = await site.startSipServer(role, record);
      return resources.use(await Endpoint.start({ role, server, onTrouble: options.onTrouble }));
    };
    const voicemail = await startEndpoint('voicemail');
    // When one does not come up, the others must have come up before they can be stopped: wait for all.
    const [server, others] = await allOrNone(
      site.startServer(voicemail.sip, options.mostCallees).then((started) => resources.use(started)),
      Promise.allSettled(ENDPOINT_ROLES.filter((role) => role !== 'voicemail').map(startEndpoint)).then(fulfilled),
    );
    const callLog = new Map<string, LoggedAs>();
    const ofPhones: OfPhones = {
      record: wire.recorder('phone'),
      onLogged: ({ callId, as }) => callLog.set(callId, as),
    };
    const ua = site.ua === undefined ? null : resources.use(await userAgent(site, site.ua, server, ofPhones, options));
    const b2bua = options.b2bua === true ? await startEndpoint('b2bua') : null;
    const endpoints = Object.fromEntries([voicemail, ...others].map((each) => [each.role, each]));
    return new Lab({
      server,
      wire,
      endpoints: endpoints as Record<EndpointRole, Endpoint>,
      site,
      ua,
      callLog,
      b2bua,
      options,
      resources: resources.move(),
    });
  }

  /** Endpoints whose record comes out of the control protocol of a server that is not ours. */
  get tapped(): Exclude<EndpointRole, 'canary'>[] {
    // Who places the canaries keeps no record.
    return ENDPOINT_ROLES.filter((role) => role !== 'canary').filter(
      (role) => this.endpoints[role].seenBy === 'control',
    );
  }

  /** Settles when all that was on the wire until now can be taken. Never rejects. */
  async recorded(): Promise<void> {
    await Promise.all(Object.values(this.endpoints).map((endpoint) => endpoint.recorded()));
  }

  /** What voice mail filed since the last time. */
  takeFiled(): FiledEntry[] {
    const taken = this.#filed;
    this.#filed = [];
    return taken;
  }

  /** Counts the messages of these users, where somebody can look into their mailboxes. @throws {LabError} */
  async lookIntoMailboxes(users: readonly string[]): Promise<void> {
    const messages = await this.server.mailboxes?.(users);
    for (const [user, count] of messages ?? []) this.counts.note(user, 'mailbox', count);
  }

  /** @returns what a reader must know of how it ended. Idempotent. */
  async stop(): Promise<string[]> {
    const leaves = this.server.lender !== undefined && !this.#isLeft;
    this.#isLeft = true;
    const warnings = leaves ? await this.#leave() : [];
    await this.#resources.disposeAsync();
    return warnings;
  }

  /** Lent accounts are left as they were: without a phone of ours. */
  async #leave(): Promise<string[]> {
    const { server, banks, voicemail } = this;
    const left = await Promise.all(
      [...Object.values(banks), voicemail].map(({ registrations }) => registrations.leave(server.sip, LEAVE_WITHIN_MS)),
    );
    const kept = left.flatMap((each) => each.kept);
    const shared = left.flatMap((each) => each.shared);
    return [
      ...(kept.length === 0
        ? []
        : [
            `these accounts have our phones still, until they expire: ${kept.join(', ')}; the server did not take them away`,
          ]),
      ...(shared.length === 0
        ? []
        : [`somebody else's phone was registered meanwhile, and may have been called as well: ${shared.join(', ')}`]),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

type OfPhones = Pick<UaSite, 'record' | 'onLogged'>;

function userAgent(
  { hosts }: LabSite,
  { launcher, startEdge, ca, logDir }: UaGround,
  server: StartedServer,
  ofPhones: OfPhones,
  { onTrouble, uaReadyTimeoutMs }: LabOptions,
): Promise<StartedUa> {
  return startUa({
    launcher,
    host: hosts.ua,
    transport: server.sip.transport ?? 'udp',
    startEdge: (inner, record) => startEdge(server.sip, inner, record),
    ca: ca ?? null,
    ...ofPhones,
    logDir,
    readyTimeoutMs: uaReadyTimeoutMs,
    onTrouble: ({ text, users }) => onTrouble(text, users),
  });
}

async function allOrNone<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b]);
  return Promise.all([a, b]);
}

/** The values; throws the first error. */
function fulfilled<T>(settled: readonly PromiseSettledResult<T>[]): T[] {
  return settled.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
}
