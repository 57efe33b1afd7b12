import { createHash } from 'node:crypto';
import { counted } from '../../counted.ts';
import { LabError } from '../../errors.ts';
import type { SipAddress, Subscriber } from '../../model/server.ts';
import { domainOf } from '../../model/words.ts';
import { askHttp, httpAgent } from '../ask-http.ts';

/** One POST: what Kamailio reads into one buffer, and few enough that its answer fits one as well. */
const MAX_LINES = 200;
const MAX_BYTES = 32_000;

const agent = httpAgent(1);

/**
 * Stores the subscribers over the bulk route of kamailio.cfg. Kamailio answers with a digest of each line as it then
 * has it; all are compared.
 * @param timeoutMs of one POST. @default see `askHttp`
 * @throws {LabError} naming the first subscriber that is missing or differs, or that cannot be written on a line.
 */
export async function provisionKamailio(
  address: SipAddress,
  subscribers: readonly Subscriber[],
  timeoutMs?: number,
): Promise<void> {
  const lines = subscribers.map(subscriberLine);
  for (const batch of batches(lines)) {
    const kept = await post(address, batch, timeoutMs);
    for (const [i, line] of batch.entries()) {
      if (kept[i] === md5(line)) continue;
      const [aor] = line.split('!', 1);
      const seen = kept[i] === undefined ? 'it did not confirm it' : 'it kept something else';
      throw new LabError(`Kamailio did not take the subscriber ${aor}: ${seen}. See kamailio.log.`);
    }
  }
}

/**
 * `user@domain!field|field|...`, in the order of `route[SUBSCRIBER_RULES]` in kamailio.cfg.
 * The password goes as HA1 (RFC 7616 3.4.2), which is all that a registrar needs.
 * @throws {LabError} if a name or address would not survive as a field.
 */
export function subscriberLine(subscriber: Subscriber): string {
  const { user, policy, password, flags, lists, waits, voicemail, doNotDisturb, heedsReason } = subscriber;
  if (!/^[\w.+-]+$/.test(user)) throw new LabError(`A subscriber cannot be called ${JSON.stringify(user)}.`);
  const domain = domainOf(policy);
  const fields = [
    md5(`${user}:${domain}:${password}`),
    [...flags, ...(heedsReason ? ['heed_reason'] : [])].join(' '),
    voicemail ? 1 : 0,
    doNotDisturb ? 1 : 0,
    waits.totalMs,
    waits.userMs,
    waits.team2Ms,
    listField(lists.forwardto),
    listField(lists.simultaneous_ring),
    listField(lists.team),
    listField(lists.delegates),
    listField(lists.breakthrough),
  ];
  return `${user}@${domain}!${fields.join('|')}`;
}

function listField(uris: readonly string[]): string {
  const bad = uris.find((uri) => !/^sip:[^\s|,!<>"]+$/.test(uri));
  if (bad === undefined) return uris.join(',');
  throw new LabError(
    `A subscriber's list cannot hold ${JSON.stringify(bad)}: a SIP URI without blanks and |,! is needed.`,
  );
}

async function post({ host, port }: SipAddress, lines: readonly string[], timeoutMs?: number): Promise<string[]> {
  const url = `http://${host}:${port}/subscribers`;
  try {
    const answer = await askHttp(url, agent, { method: 'POST', body: lines.join('\n'), timeoutMs });
    return answer.trimEnd().split('\n');
  } catch (cause) {
    const seen = (cause as Error).message;
    throw new LabError(`Kamailio did not take ${counted(lines.length, 'subscriber')} (POST ${url}): ${seen}`, {
      cause,
    });
  }
}

function* batches(lines: readonly string[]): Generator<string[]> {
  let batch: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    if (batch.length === MAX_LINES || (batch.length > 0 && bytes + line.length > MAX_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(line);
    bytes += line.length + 1;
  }
  if (batch.length > 0) yield batch;
}

function md5(value: string): string {
  return createHash('md5').update(value).digest('hex');
}
