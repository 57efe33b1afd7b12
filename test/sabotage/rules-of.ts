/** The rules of a sabotage, to be tried message by message. */
import type { Crossing, Disposition, Rule } from '../../harness/sabotage/path/rule.ts';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { parseMessage, type SipMessage, type SipRequest } from '../../harness/sip/index.ts';
import { respond } from '../../harness/sip/responses.ts';

export const CALLER: Crossing = { front: 'server', fromServer: false };
export const TO_CALLER: Crossing = { front: 'server', fromServer: true };
export const TO_VOICE_MAIL: Crossing = { front: 'voicemail', fromServer: true };
export const FROM_VOICE_MAIL: Crossing = { front: 'voicemail', fromServer: false };
export const TO_PHONE: Crossing = { front: 'phone', fromServer: true };
export const FROM_PHONE: Crossing = { front: 'phone', fromServer: false };
export const MARK = ['Ms-Target-Class: secondary'];

/** The rules of a sabotage, as one, the way the relay applies them. */
export function rulesOf(id: string): { pass: Rule; tookPlace: () => boolean } {
  const breakage = sabotages.find((each) => each.id === id)?.begin();
  if (breakage?.rules === undefined) throw new Error(`${id} has no rules`);
  const { rules, tookPlace } = breakage;
  const pass: Rule = (message, crossing) => {
    let disposition: Disposition = 'goes on';
    let passing = message;
    for (const rule of rules) {
      const next = rule(passing, crossing);
      if (next === 'goes on') continue;
      disposition = next;
      if (typeof next === 'string' || !('instead' in next)) return next;
      passing = next.instead;
    }
    return disposition;
  };
  return { pass, tookPlace: () => tookPlace([]) };
}

export function request(extra: readonly string[] = [], over: { method?: string; from?: string } = {}): SipRequest {
  const { method = 'INVITE', from = '"Customer" <sip:customer@outside.test>' } = over;
  const lines = [
    `${method} sip:alice-k-1@ms-sipre.test SIP/2.0`,
    'Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKa',
    `From: ${from};tag=c`,
    'To: <sip:alice-k-1@ms-sipre.test>',
    'Call-ID: one',
    `CSeq: 1 ${method}`,
    ...extra,
    '',
    '',
  ];
  return parseMessage(Buffer.from(lines.join('\r\n'))) as SipRequest;
}

export const answerTo = (asked: SipRequest, status: number): SipMessage =>
  respond({ request: asked, peer: { host: '127.0.0.1', port: 5070 } }, status, { localTag: 'x' });

export function insteadOf(disposition: Disposition): SipMessage {
  if (typeof disposition === 'string' || !('instead' in disposition))
    throw new Error(`not changed: ${JSON.stringify(disposition)}`);
  return disposition.instead;
}
