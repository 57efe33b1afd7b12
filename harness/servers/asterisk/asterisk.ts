/**
 * Asterisk with dialplans of the lab's own, `containers/asterisk/`: one that knows nothing of the headers, and the same behind
 * some forty lines that obey them. A B2BUA: every leg is a call of its own.
 */
import { randomBytes } from 'node:crypto';
import type { PolicyId, Scenario } from '../../model/scenario.ts';
import type { InnerVoicemailWord } from '../../model/server.ts';
import { INNER_EVIDENCE } from '../../model/words.ts';
import { asAsked, type ListedServer } from '../server.ts';
import { wayByRules } from '../way-by-rules.ts';
import { makeAccounts } from './accounts.ts';
import { configure, type Dialplan } from './configuration.ts';
import { Mailboxes, SHOW_MAILBOXES } from './mailboxes.ts';

export const ASTERISK: ListedServer = asteriskServer({
  id: 'asterisk',
  title: "Asterisk with the lab's dialplan, containers/asterisk/: diverts whatever the header",
  name: 'Asterisk',
  policy: 'plain',
  dialplan: { files: ['dialplan.conf'], context: 'callers' },
});

export const ASTERISK_HEADERS: ListedServer = asteriskServer({
  id: 'asterisk-headers',
  title: 'The same behind containers/asterisk/headers.conf, which obeys Ms-Target-Class and Ms-Sensitivity',
  name: 'Asterisk (headers.conf)',
  policy: 'ms-sipre',
  dialplan: { files: ['dialplan.conf', 'headers.conf'], context: 'callers-with-headers' },
});

export const ASTERISK_VOICEMAIL: ListedServer = asteriskServer({
  id: 'asterisk-voicemail',
  title: 'The same as asterisk, with a voice mail of its own, app_voicemail: no leg shows that it took a call',
  name: 'Asterisk (app_voicemail)',
  policy: 'plain',
  dialplan: { files: ['dialplan.conf'], context: 'callers', mailboxes: true },
  innerVoicemail: { evidence: INNER_EVIDENCE, talkMs: 2_500, countedWithinMs: 3_000 },
});

/** Asterisk with one of the lab's dialplans, or another. */
export function asteriskServer(own: {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly policy: PolicyId;
  readonly dialplan: Dialplan;
  readonly innerVoicemail?: InnerVoicemailWord;
}): ListedServer {
  const { id, title, name, policy, dialplan, innerVoicemail } = own;
  return {
    id,
    title,
    name,
    program: 'asterisk',
    policies: [policy],
    waits: asAsked,
    // Measured on two cores; at 200 it fell behind, and every further account makes a call dearer. A message is 125 packets.
    atMostPerSecond: innerVoicemail === undefined ? 100 : 20,
    innerVoicemail,
    lacks: (scenario) => (innerVoicemail !== undefined && notesLacked(scenario)) || lacks(scenario),
    wayTo: (trap) => (innerVoicemail !== undefined && trap === 'missed-call-inbox' ? null : wayByRules(trap)),
    bringUp: async (ground) => {
      const { sip, voicemail, control } = ground;
      const password = randomBytes(12).toString('hex');
      const mailboxes = dialplan.mailboxes ? new Mailboxes(ground.mostCallees) : null;
      const configuration = await configure(ground, { ...dialplan, mailboxes }, password);
      await ground.start(['-f', '-C', configuration]);
      await ground.answersHttp();
      // SIP and HTTP answer before all modules are there.
      await ground.run(['asterisk', '-C', configuration, '-rx', 'core waitfullybooted']);
      const maker = { ari: control.reach, password, host: sip.host, voicemail: mailboxes ?? voicemail };
      const asked = ['asterisk', '-C', configuration, '-rx', SHOW_MAILBOXES];
      return {
        provision: (subscribers) => makeAccounts(maker, subscribers),
        mailboxes: mailboxes === null ? undefined : async (users) => mailboxes.messages(users, await ground.run(asked)),
      };
    },
  };
}

function notesLacked({ trap }: Scenario): string | null {
  return trap === 'missed-call-inbox' ? 'its voice mail is inside of it, and takes no notes of missed calls' : null;
}

function lacks({ subscriber, callee }: Scenario): string | null {
  const { flags, doNotDisturb, heedsReason } = subscriber;
  if (heedsReason) return 'its dialplan notes a missed call whatever the Reason of a CANCEL';
  if (flags.includes('block')) return 'it has no rule that blocks all calls';
  if (flags.includes('skip_primary')) return 'it has no rule that rings others in place of the callee';
  if (doNotDisturb && (flags.includes('team_ring') || flags.includes('delegate_ring'))) {
    return 'its dialplan does not say whom a team or delegates get from a callee who is do-not-disturb';
  }
  return callee === 'decline-everywhere' ? 'it diverts after 605 as after any refusal' : null;
}
