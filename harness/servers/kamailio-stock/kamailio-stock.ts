/**
 * Kamailio with the configuration that its Debian package installs, as it lies there: switched on are voice mail and control,
 * by defines that the file itself names. It knows none of the headers, and diverts on "busy" and "no answer" alone.
 */
import { LabError } from '../../errors.ts';
import type { Scenario } from '../../model/scenario.ts';
import { domainOf } from '../../model/words.ts';
import { kamailioArgs } from '../kamailio/command-line.ts';
import type { ListedServer, Server, ServerGround, WayToTrap } from '../server.ts';

/** `modparam("tm", "fr_inv_timer", ...)` of the file is 120 s; one value for all callees, set when it runs. */
const NO_ANSWER_MS = 1000;

/** Where Debian and Ubuntu put it. */
const CONFIGURATION = '/etc/kamailio/kamailio.cfg';

/** `route[LOCATION]` sends whoever has no phone to voice mail: the shortest way there. */
const WAYS: Readonly<Partial<Record<Parameters<Server['wayTo']>[0], WayToTrap>>> = {
  voicemail: { rules: { flags: [], lists: [] }, phone: 'unregistered' },
  phone: { rules: { flags: [], lists: [] }, phone: 'answer' },
};

export const kamailioStock: ListedServer = {
  id: 'kamailio-stock',
  title: "Kamailio with the Debian package's own configuration: diverts to voice mail whatever the header",
  name: 'Kamailio (stock configuration)',
  program: 'kamailio',
  policies: ['plain'],
  waits: () => ({ totalMs: NO_ANSWER_MS, userMs: 0, team2Ms: 0 }),
  lacks,
  wayTo: (trap) => WAYS[trap] ?? null,
  // Over TCP a phone rang until its caller gave up: the time that is set below is not kept there (5.6.3).
  callsOverUdp: true,
  bringUp: async (ground) => {
    const { sip, workDir, modulesDir } = ground;
    const socketDir = await ground.socketDir();
    await ground.start([
      ...kamailioArgs({
        config: await ground.configuration({ from: 'package', path: CONFIGURATION }),
        workDir,
        socketDir,
        sip,
        modulesDir,
        defines: ['WITH_VOICEMAIL'],
      }),
      '--alias',
      domainOf('plain'),
    ]);
    await setUp(ground, `unix:${socketDir}/kamailio_ctl`);
    // It asks nobody for a password: whoever registers is a subscriber.
    return { provision: async () => {} };
  },
};

/** What the file leaves to whoever runs it, through `kamcmd`, which comes with the package. Read back where it can be. */
async function setUp(ground: ServerGround, socket: string): Promise<void> {
  const { voicemail } = ground;
  const ask = (...words: string[]): Promise<string> => ground.run(['kamcmd', '-s', socket, ...words]);
  const settings = { srv_ip: voicemail.host, srv_port: String(voicemail.port) };
  for (const [name, value] of Object.entries(settings)) {
    await ask('cfg.set_now_string', 'voicemail', name, `s:${value}`);
    const kept = (await ask('cfg.get', 'voicemail', name)).trim();
    if (kept !== value) throw new LabError(`Kamailio was told voicemail.${name} = ${value}, and kept "${kept}"`);
  }
  await ask('cfg.set_now_int', 'tm', 'fr_inv_timer', String(NO_ANSWER_MS));
}

function lacks({ subscriber, callee, dials, trap }: Scenario): string | null {
  if (trap === 'missed-call-inbox') return 'it notes no missed calls';
  if (subscriber.lists.length > 0 || subscriber.flags.length > 0) {
    return 'it has no rules of subscribers: no forwarding, simultaneous ring, team or delegates';
  }
  if (subscriber.doNotDisturb) return 'it knows of no presence, so nobody can be do-not-disturb';
  if (!subscriber.voicemail) return 'it has one voice mail for everybody, so nobody is without';
  if (callee === 'decline' || callee === 'decline-everywhere') {
    return 'it goes to voice mail on 486 and 408 alone (failure_route), not when a callee declines';
  }
  return dials === 'voice-mail-gruu' ? 'it has no address that reaches a mailbox directly' : null;
}
