import type { Endpoint } from '../endpoints/endpoint.ts';
import type { MessageCount } from '../endpoints/message-counts.ts';
import { placeCall } from '../endpoints/outgoing-call.ts';
import type { Speech } from '../endpoints/speech.ts';
import type { SipDialog, SipRequest } from '../endpoints/srf.ts';
import type { MailboxEntry, VoiceMail } from '../endpoints/voicemail.ts';
import type { Credentials } from '../model/accounts.ts';
import type { ServerAddress } from '../model/server.ts';
import { nowEpochMs } from '../now.ts';
import type { Canary, HeaderCanary } from './canary.ts';
import { CanaryTimes, type TimedCanary } from './canary-times.ts';
import type { Fingerprint } from './fingerprint.ts';
import { CANARY_CALLER } from './identity.ts';
import type { InnerMailbox } from './inner-mailbox.ts';
import { calleeOf } from './lodger.ts';
import type { Beat } from './pulse.ts';
import type { Turnstile } from './turnstile.ts';

/** One canary call. Times are milliseconds since the epoch. */
export interface CanaryCall extends TimedCanary {
  /** The caller's side is over: the trap answered (or the notification was filed), or the deadline passed. */
  readonly doneEpochMs: number;
  /** What the caller saw, for the message when it went wrong. */
  readonly outcome: string;
  /** How many 181 Call Is Being Forwarded the caller was told. @default 0 */
  readonly forwardings?: number;
  /** It was told with a description of media (RFC 3261 13.2.1): somebody could be heard before he answered. */
  readonly earlyMedia?: boolean;
  /** Of one that was answered, where voice mail is inside of the server. */
  readonly answer?: CanaryAnswer | undefined;
}

/** How a canary call was answered, and what was counted of a message that it left. */
export interface CanaryAnswer {
  readonly atEpochMs: number;
  readonly fingerprint: Fingerprint;
  /** When it was over. */
  readonly endedEpochMs: number;
  /** Counts that rose since. */
  readonly rises: readonly MessageCount[];
}

export interface CanaryCallerOptions {
  readonly endpoint: Endpoint;
  readonly server: ServerAddress;
  /** What the server's challenges are answered with. */
  readonly credentials?: Credentials | undefined;
  /** Whom the calls come from. @default nobody of the matrix */
  readonly from?: string | undefined;
  /** Where calls may not begin as they like. */
  readonly turnstile?: Turnstile | null | undefined;
  readonly voicemail: VoiceMail;
  /** Where voice mail is inside of the server: a message is left there, and counted. @default it is ours */
  readonly inner?: InnerMailbox | undefined;
  readonly canaries: readonly Canary[];
  /** How long one canary call may take. */
  readonly timeoutMs: number;
}

/** Places canary calls, round after round, and keeps what became of them. */
export class CanaryCaller {
  /** Of rounds that are over, oldest first. */
  calls: readonly CanaryCall[] = [];
  readonly #options: CanaryCallerOptions;
  #round: Promise<void> | null = null;
  readonly #times = new CanaryTimes();
  /** Call-IDs of those that were to leave a note and are over: the note of one that was late is not the next one's. */
  readonly #noted = new Set<string>();

  constructor(options: CanaryCallerOptions) {
    this.#options = options;
  }

  /**
   * One call to every canary; settles when all are answered or out of time, and never rejects. Rounds do not overlap,
   * because a sighting belongs to the one call that is under way: a second caller gets the round that runs.
   */
  round(): Promise<void> {
    this.#round ??= this.#placeAll().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /**
   * A round that begins after this moment; two, when a canary of the first got nowhere: one that then gets through says that
   * its trap lives, and that the lab was late.
   */
  async freshRound(): Promise<void> {
    await this.#round;
    await this.round();
    if (!this.calls.slice(-this.#options.canaries.length).every(gotThrough)) await this.round();
  }

  /** Who keeps time at this moment. */
  get beats(): readonly Beat[] {
    return this.#times.beats;
  }

  /** Calls that are not part of the rounds, once each. Never rejects. */
  async once(withHeaders: readonly HeaderCanary[]): Promise<CanaryCall[]> {
    return Promise.all(withHeaders.map((canary) => this.#place(canary, canary.headers)));
  }

  /** The same one after the other, where they share an account. */
  async inTurn(
    withHeaders: readonly HeaderCanary[],
    { enter, leave }: { readonly enter: (canary: Canary) => void; readonly leave: (canary: Canary) => void },
  ): Promise<CanaryCall[]> {
    const calls: CanaryCall[] = [];
    for (const canary of withHeaders) {
      enter(canary);
      calls.push(await this.#place(canary, canary.headers));
      leave(canary);
    }
    return calls;
  }

  async #placeAll(): Promise<void> {
    const round = await Promise.all(this.#options.canaries.map((canary) => this.#place(canary)));
    this.calls = [...this.calls, ...round];
  }

  async #place(canary: Canary, headers: Readonly<Record<string, string>> = {}): Promise<CanaryCall> {
    const { timeoutMs, voicemail, turnstile } = this.#options;
    const mayBegin = (await turnstile?.pass()) ?? true;
    const sentEpochMs = nowEpochMs();
    if (!mayBegin) return { canary, sentEpochMs, doneEpochMs: sentEpochMs, outcome: 'the run was ended before' };
    const { inner } = this.#options;
    const speech = inner !== undefined && canary.trap === 'voicemail' ? await inner.speech() : null;
    const call: CallInProgress = {
      canary,
      sentEpochMs,
      invite: null,
      isOverdue: false,
      forwardings: 0,
      earlyMedia: false,
      hungUpEpochMs: undefined,
      answered: null,
      speech,
      headers,
    };
    this.#times.begun(call);
    const counted = inner?.counted(calleeOf(canary).user) ?? new Map();
    const filed =
      canary.trap === 'missed-call-inbox'
        ? voicemail.nextEntry(calleeOf(canary).user, timeoutMs, (callId) => this.#noted.has(callId))
        : null;
    const overdue = Promise.withResolvers<null>();
    const deadline = setTimeout(() => {
      call.isOverdue = true;
      giveUp(call);
      overdue.resolve(null);
    }, timeoutMs);
    const work = filed === null ? this.#answeredCall(canary, call) : this.#missedCall(canary, call);
    const ended = await Promise.race([work, overdue.promise]);
    clearTimeout(deadline);
    const outcome = ended === null ? `nothing within ${timeoutMs} ms` : await outcomeOf(ended, filed);
    const overEpochMs = nowEpochMs();
    this.#times.over(call, gotThrough({ outcome }) ? overEpochMs : null);
    if (filed !== null && call.invite !== null) this.#noted.add(call.invite.get('Call-ID'));
    const { forwardings, earlyMedia, hungUpEpochMs, answered } = call;
    if (answered === null) speech?.[Symbol.dispose](); // there is nobody to speak to
    const answer =
      inner === undefined || answered === null ? undefined : await inner.leave({ canary, answered, speech, counted });
    const doneEpochMs = answer === undefined ? overEpochMs : nowEpochMs();
    return { canary, sentEpochMs, hungUpEpochMs, doneEpochMs, outcome, forwardings, earlyMedia, answer };
  }

  /** Rings until the trap answers; then hangs up, or leaves it to whoever leaves a message. */
  async #answeredCall(canary: Canary, call: CallInProgress): Promise<string> {
    try {
      const dialog = await this.#call(canary, call);
      if (this.#options.inner === undefined) dialog.destroy({}, () => {});
      else call.answered = { dialog, atEpochMs: nowEpochMs() };
      return 'answered';
    } catch (error) {
      return statusOf(error);
    }
  }

  /** Hangs up while it rings, so that the server notes a missed call. */
  async #missedCall(canary: Canary, call: CallInProgress): Promise<string> {
    return this.#call(canary, call, (status) => {
      if (status !== 180) return;
      call.hungUpEpochMs ??= nowEpochMs();
      call.invite?.cancel(() => {});
    }).then((dialog) => {
      dialog.destroy({}, () => {});
      return 'answered by somebody';
    }, statusOf);
  }

  /** Rejects, never throws: the library throws when its connection is lost. */
  async #call(
    canary: Canary,
    call: CallInProgress,
    onProvisional: (status: number) => void = () => {},
  ): Promise<SipDialog> {
    const { endpoint, server, credentials, from = CANARY_CALLER } = this.#options;
    const { user, domain } = calleeOf(canary);
    return placeCall(endpoint, {
      to: `sip:${user}@${domain}`,
      from,
      server,
      credentials,
      headers: call.headers,
      rtpPort: call.speech?.port,
      onInvite: (request) => {
        call.invite = request;
        if (call.isOverdue) giveUp(call);
      },
      onProvisional: ({ status, body }) => {
        if (status === 181) call.forwardings += 1;
        if (body !== '') call.earlyMedia = true;
        onProvisional(status);
      },
    });
  }
}

function giveUp({ invite }: CallInProgress): void {
  try {
    invite?.cancel(() => {});
  } catch {
    // The library throws when its connection is lost: a lab that was stopped has no call to give up.
  }
}

/** By what the caller saw. */
function gotThrough({ outcome }: Pick<CanaryCall, 'outcome'>): boolean {
  return outcome === 'answered' || outcome === 'filed';
}

interface CallInProgress extends TimedCanary {
  invite: SipRequest | null;
  isOverdue: boolean;
  forwardings: number;
  earlyMedia: boolean;
  hungUpEpochMs: number | undefined;
  answered: { readonly dialog: SipDialog; readonly atEpochMs: number } | null;
  readonly speech: Speech | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** @param filed what the mailbox got, where the call was to leave something there */
async function outcomeOf(ended: string, filed: Promise<MailboxEntry | null> | null): Promise<string> {
  if (filed === null) return ended;
  return (await filed) === null ? `no notification (call: ${ended})` : 'filed';
}

function statusOf(error: unknown): string {
  const status = (error as { status?: number }).status;
  return status === undefined ? String(error) : `final ${status}`;
}
