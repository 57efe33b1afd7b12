import { LabError } from '../../errors.ts';
import type { SipAddress, Subscriber } from '../../model/server.ts';
import { askHttp, httpAgent } from '../ask-http.ts';
import type { Mailboxes } from './mailboxes.ts';

export interface AccountMaker {
  /** Where Asterisk's REST interface (ARI) is reached. */
  readonly ari: SipAddress;
  readonly password: string;
  /** Of the server itself: its media stay there. */
  readonly host: string;
  /** Where calls for voice mail go: to a SIP address, or to mailboxes of its own. */
  readonly voicemail: SipAddress | Mailboxes;
}

/** Connections side by side; more make it no faster (measured: some 700 accounts a second). */
const CONNECTIONS = 8;
const agent = httpAgent(CONNECTIONS);
/** Of ARI. */
export const ARI_USER = 'lab';

/**
 * Makes PJSIP objects for the subscribers while Asterisk runs: whom they are (auth), where they register (aor), and an endpoint
 * with their rules, as a variable that the dialplan reads. Asterisk answers with each object as it then has it.
 *
 * @throws {LabError} naming the first subscriber that it did not take, or keeps otherwise than told
 */
export async function makeAccounts(maker: AccountMaker, subscribers: readonly Subscriber[]): Promise<void> {
  const queue = subscribers.values();
  const worker = async (): Promise<void> => {
    for (const subscriber of queue) await makeAccount(maker, subscriber);
  };
  await Promise.all(Array.from({ length: Math.min(CONNECTIONS, subscribers.length) }, worker));
}

async function makeAccount(maker: AccountMaker, subscriber: Subscriber): Promise<void> {
  const { user, password } = subscriber;
  await put(maker, 'auth', user, { auth_type: 'userpass', username: user, password });
  const mailbox = mailboxOf(maker, subscriber);
  const inside = 'of' in maker.voicemail && mailbox !== '';
  await put(maker, 'aor', user, {
    max_contacts: '1',
    remove_existing: 'true',
    ...(inside && { mailboxes: mailbox }), // whoever subscribes there is told of messages (RFC 3842)
  });
  const rules = rulesOf(maker, subscriber);
  const kept = await put(maker, 'endpoint', user, {
    ...PLAIN_AUDIO,
    auth: user,
    aors: user,
    media_address: maker.host,
    set_var: `lab_rules=${rules}`,
  });
  if (kept.get('lab_rules') === rules) return;
  throw new LabError(`Asterisk keeps the rules of ${user} as "${kept.get('lab_rules')}", and was told "${rules}"`);
}

/** Of an endpoint: audio through Asterisk, and no request of its own in the calls. */
export const PLAIN_AUDIO = {
  disallow: 'all',
  allow: 'ulaw',
  dtmf_mode: 'none',
  direct_media: 'false',
  timers: 'no',
  send_connected_line: 'no',
  bind_rtp_to_media_address: 'true',
} as const;

/** Whom the dialplan calls for his voice mail; '' where he has none. */
function mailboxOf({ voicemail: at }: Pick<AccountMaker, 'voicemail'>, { user, voicemail }: Subscriber): string {
  if (!voicemail) return '';
  return 'of' in at ? at.of(user) : `sip:${user}@${at.host}:${at.port}`;
}

/** What a subscriber has set up, as `dialplan.conf` reads it: fields with commas between, empty where there is nothing. */
export function rulesOf(maker: Pick<AccountMaker, 'voicemail'>, subscriber: Subscriber): string {
  const { flags, lists, waits, doNotDisturb } = subscriber;
  const [forward] = flags.includes('enablecf') ? lists.forwardto : [];
  const [mobile] = flags.includes('simultaneous_ring') ? lists.simultaneous_ring : [];
  const team = flags.includes('team_ring') ? lists.team : [];
  const delegates = flags.includes('delegate_ring') ? lists.delegates : [];
  const joining = team.length + delegates.length > 0;
  const fields = {
    mailbox: mailboxOf(maker, subscriber),
    divertAll: doNotDisturb || flags.includes('forward_immediate') ? 'yes' : '',
    forward: forward ?? '',
    ringForS: seconds(joining ? waits.userMs + waits.team2Ms : waits.totalMs),
    mobile: mobile ?? '',
    team: dialled(team),
    delegates: dialled(delegates),
    joinAfterS: seconds(waits.userMs),
  };
  return Object.values(fields).join(',');
}

/** `sip:team-1@plain.test` is an endpoint of the same name. */
function dialled(uris: readonly string[]): string {
  return uris.map((uri) => `PJSIP/${/^sip:([^@]+)@/.exec(uri)?.[1] ?? uri}`).join('&');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** @returns the object as Asterisk has it then */
async function put(
  { ari, password }: AccountMaker,
  type: 'auth' | 'aor' | 'endpoint',
  id: string,
  object: Readonly<Record<string, string>>,
): Promise<ReadonlyMap<string, string>> {
  const fields = Object.entries(object).map(([attribute, value]) => ({ attribute, value }));
  const path = `/ari/asterisk/config/dynamic/res_pjsip/${type}/${encodeURIComponent(id)}`;
  const authorization = `Basic ${Buffer.from(`${ARI_USER}:${password}`).toString('base64')}`;
  try {
    const said = await askHttp(`http://${ari.host}:${ari.port}${path}`, agent, {
      method: 'PUT',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ fields }),
    });
    const kept = JSON.parse(said) as { readonly attribute: string; readonly value: string }[];
    return new Map(kept.map(({ attribute, value }) => [attribute, value]));
  } catch (cause) {
    throw new LabError(`Asterisk did not take the ${type} of ${id}: ${(cause as Error).message}. See asterisk.log.`, {
      cause,
    });
  }
}
