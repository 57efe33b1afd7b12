/**
 * Asterisk with dialplans of the lab's own, `containers/asterisk/`: one that knows nothing of the headers, and the same behind
 * some forty lines that obey them. A B2BUA: every leg is a call of its own.
 */
import { randomBytes } from 'node:crypto';
import type { PolicyId, Scenario } from '../../model/scenario.ts';
import { asAsked, type ListedServer } from '../server.ts';
import { wayByRules } from '../way-by-rules.ts';
import { makeAccounts } from './accounts.ts';
import { configure, type Dialplan } from './configuration.ts';

export const ASTERISK: ListedServer = asterisk({
  id: 'asterisk',
  title: "Asterisk with the lab's dialplan, containers/asterisk/: diverts whatever the header",
  name: 'Asterisk',
  policy: 'plain',
  dialplan: { files: ['dialplan.conf'], context: 'callers' },
});

export const ASTERISK_HEADERS: ListedServer = asterisk({
  id: 'asterisk-headers',
  title: 'The same behind containers/asterisk/headers.conf, which obeys Ms-Target-Class and Ms-Sensitivity',
  name: 'Asterisk (headers.conf)',
  policy: 'ms-sipre',
  dialplan: { files: ['dialplan.conf', 'headers.conf'], context: 'callers-with-headers' },
});

function asterisk(own: {
  readonly id: string;
  readonly title: string;
  readonly name: string;
  readonly policy: PolicyId;
  readonly dialplan: Dialplan;
}): ListedServer {
  const { id, title, name, policy, dialplan } = own;
  return {
    id,
    title,
    name,
    program: 'asterisk',
    policies: [policy],
    waits: asAsked,
    readyTimeoutMs: 20_000, // one second where nobody else works
    atMostPerSecond: 100, // measured on two cores; at 200 it fell behind, and every further account makes a call dearer
    lacks,
    wayTo: wayByRules,
    bringUp: async (ground) => {
      const { sip, voicemail, control } = ground;
      const password = randomBytes(12).toString('hex');
      const configuration = await configure(ground, dialplan, password);
      await ground.start(['-f', '-C', configuration]);
      await ground.answersHttp();
      // SIP and HTTP answer before all modules are there.
      await ground.run(['asterisk', '-C', configuration, '-rx', 'core waitfullybooted']);
      const maker = { ari: control.reach, password, host: sip.host, voicemail };
      return { provision: (subscribers) => makeAccounts(maker, subscribers) };
    },
  };
}

function lacks({ subscriber, callee }: Scenario): string | null {
  const { flags, doNotDisturb } = subscriber;
  if (flags.includes('block')) return 'it has no rule that blocks all calls';
  if (flags.includes('skip_primary')) return 'it has no rule that rings others in place of the callee';
  if (doNotDisturb && (flags.includes('team_ring') || flags.includes('delegate_ring'))) {
    return 'its dialplan does not say whom a team or delegates get from a callee who is do-not-disturb';
  }
  return callee === 'decline-everywhere' ? 'it diverts after 605 as after any refusal' : null;
}
