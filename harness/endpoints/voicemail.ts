import { EventEmitter, on } from 'node:events';
import type { Notification } from '../model/observation.ts';
import { routeTo, type ServerAddress, transportParameter } from '../model/server.ts';
import type { VoicemailSign } from '../model/words.ts';
import { nowEpochMs } from '../now.ts';
import { answer, audioSdp, calledUser, type Endpoint, userOf } from './endpoint.ts';
import { Registrations } from './registrations.ts';
import type { SipRequest, SipResponse } from './srf.ts';

/** What a mailbox holds: a message, or the note that a call was missed. */
export interface MailboxEntry {
  readonly kind: Exclude<Notification['kind'], 'other'>;
  readonly by: Notification['by'];
  readonly atEpochMs: number;
  readonly callId: string | null;
}

export interface VoiceMailOptions {
  /** How long the greeting plays. A caller who hangs up in it leaves a missed call, one who stays leaves a message. */
  readonly greetingMs: number;
  /** Message-waiting indications go through the server under test; null: nobody is told. */
  readonly server: ServerAddress | null;
  /** What it gives of itself in its answer to calls for this subscriber. @default nothing, as a carrier's */
  readonly signsOf?: (user: string) => readonly VoicemailSign[];
  /** Milliseconds since the epoch. @default the clock of `now.ts` */
  readonly nowEpochMs?: () => number;
  /** Told of every entry, under the name that voice mail was given. */
  readonly onFiled?: (user: string, entry: MailboxEntry) => void;
}

/**
 * A voice mail server: answers, plays the greeting phase, takes a message, keeps mailboxes, tells the subscriber's
 * phone that a message waits (RFC 3842) and records missed calls. Who makes a missed call, and when, is as described
 * for Exchange Unified Messaging: the SIP server while it rings, voice mail itself during the greeting.
 */
export class VoiceMail {
  /** Of the account that unanswered calls are sent to, where it has one. */
  readonly registrations: Registrations;
  readonly #endpoint: Endpoint;
  readonly #options: VoiceMailOptions;
  readonly #mailboxes = new Map<string, MailboxEntry[]>();
  readonly #filed = new EventEmitter<Record<string, [MailboxEntry]>>().setMaxListeners(0);

  constructor(endpoint: Endpoint, options: VoiceMailOptions) {
    this.registrations = new Registrations(endpoint);
    this.#endpoint = endpoint;
    this.#options = options;
    endpoint.app.invite((request, response) => this.#takeCall(request, response));
    endpoint.app.message((request, response) => this.#takeNotification(request, response));
  }

  /** Entries of a subscriber's mailbox, oldest first. */
  mailbox(user: string): readonly MailboxEntry[] {
    return this.#mailboxes.get(user) ?? [];
  }

  /** Empties the mailbox of a subscriber whom nobody calls any more. */
  forget(user: string): void {
    this.#mailboxes.delete(user);
  }

  /** Files an entry, as a call or a notification would. */
  file(user: string, entry: MailboxEntry): void {
    const mailbox = this.#mailboxes.get(user);
    if (mailbox === undefined) this.#mailboxes.set(user, [entry]);
    else mailbox.push(entry);
    this.#filed.emit(user, entry);
    this.#options.onFiled?.(user, entry);
  }

  /**
   * The next entry filed for a subscriber, or null once `timeoutMs` is over.
   *
   * @param isOther Call-IDs of calls that it cannot be of: a note of one of them comes late.
   */
  async nextEntry(
    user: string,
    timeoutMs: number,
    isOther: (callId: string) => boolean = () => false,
  ): Promise<MailboxEntry | null> {
    try {
      for await (const [entry] of on(this.#filed, user, { signal: AbortSignal.timeout(timeoutMs) })) {
        const { callId } = entry as MailboxEntry;
        if (callId === null || !isOther(callId)) return entry as MailboxEntry;
      }
    } catch {
      // the deadline is the only thing that can reject
    }
    return null;
  }

  #now(): number {
    return (this.#options.nowEpochMs ?? nowEpochMs)();
  }

  #takeCall(request: SipRequest, response: SipResponse): void {
    const user = mailboxUser(request);
    const { app, sip } = this.#endpoint;
    const headers = signHeaders(this.#options.signsOf?.(user) ?? [], sip);
    app.createUAS(request, response, { localSdp: audioSdp(sip.host), headers }, (error, dialog) => {
      if (error) return; // cancelled before the greeting: the server's business, not ours
      const answeredAt = this.#now();
      const hungUp = (): void => this.#hungUp(user, request, this.#now() - answeredAt);
      // drachtio-srf may have seen the BYE before this listener stands (measured on 5.0.29).
      if (dialog.connected) dialog.on('destroy', hungUp);
      else hungUp();
    });
  }

  #hungUp(user: string, request: SipRequest, listenedMs: number): void {
    const kind = listenedMs < this.#options.greetingMs ? 'missed-call' : 'voice-message';
    this.file(user, { kind, by: 'voicemail', atEpochMs: this.#now(), callId: request.get('Call-ID') });
    if (kind === 'voice-message') this.#tellMessageWaiting(user, domainOf(request));
  }

  /** The server's missed-call notification: a MESSAGE with `Event: missed-call` and `Key: value` lines. */
  #takeNotification(request: SipRequest, response: SipResponse): void {
    // RFC 6665 8.2.1: its compact form, which the library (5.0.29) does not write out.
    const event = request.get('Event') || request.get('o');
    if (event !== 'missed-call') {
      answer(response, 489); // RFC 6665 8.2.1, Bad Event
      return;
    }
    const callId = /^call-id:\s*(\S+)/im.exec(request.body)?.[1] ?? null;
    this.file(calledUser(request), { kind: 'missed-call', by: 'server', atEpochMs: this.#now(), callId });
    answer(response, 200);
  }

  /** RFC 3842, sent unasked as Exchange does (subscription-state terminated). Nobody's verdict hangs on its answer. */
  #tellMessageWaiting(user: string, domain: string): void {
    const { server } = this.#options;
    if (server === null) return;
    const aor = `sip:${user}@${domain}`;
    const waiting = this.mailbox(user).filter((entry) => entry.kind === 'voice-message').length;
    this.#endpoint.app.request(
      aor,
      {
        method: 'NOTIFY',
        proxy: routeTo(server),
        headers: {
          From: `<sip:voicemail@${domain}>`,
          To: `<${aor}>`,
          Contact: `<sip:voicemail@${this.#endpoint.sip.host}:${this.#endpoint.sip.port}${transportParameter(server)}>`,
          Event: 'message-summary',
          'Subscription-State': 'terminated',
          'Content-Type': 'application/simple-message-summary',
        },
        body: `Messages-Waiting: yes\r\nMessage-Account: ${aor}\r\nVoice-Message: ${waiting}/0\r\n`,
      },
      () => {},
    );
  }
}

/** As Exchange Unified Messaging has them in a trace of 2015: a Contact with `automata`, and its name in `Server`. */
function signHeaders(signs: readonly VoicemailSign[], { host, port }: ServerAddress): Record<string, string> {
  return {
    ...(signs.includes('automata') && { Contact: `<sip:${host}:${port}>;automata;audio` }),
    ...(signs.includes('server') && { Server: 'RTCC/5.0.0.0 MSExchangeUM/15.00.0000.000' }),
  };
}

/**
 * Whose mailbox a call is for: the first that says so. Diversion (RFC 5806; what MS-EUMR's server adds), then the
 * Request-URI (`voice-mail-gruu`, or a server that only retargets), then To.
 */
function mailboxUser(request: SipRequest): string {
  return userOf(request.get('Diversion')) || calledUser(request);
}

function domainOf(request: SipRequest): string {
  return /sips?:[^@;>\s]+@([^;:>\s]+)/i.exec(request.get('To'))?.[1] ?? 'localhost';
}
