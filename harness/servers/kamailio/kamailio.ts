/** Kamailio with the lab's own routing: it plays every policy, each as its source says. */

import { routeTo, type SipAddress } from '../../model/server.ts';
import { POLICIES } from '../../model/words.ts';
import { asAsked, type ListedServer } from '../server.ts';
import { wayByRules } from '../way-by-rules.ts';
import { kamailioArgs } from './command-line.ts';
import { provisionKamailio } from './provisioning.ts';
import { tlsConfig } from './tls-config.ts';

export interface KamailioSettings {
  /** [MS-SIPRE] 3.9.2: how long a forward target or voice mail may ring. @default 60_000 */
  readonly callForwardingTimerMs?: number;
  /** Where it sends every message that comes or goes, as HEP version 3 over UDP. @default nowhere */
  readonly hepTo?: SipAddress;
}

/** As a run has it. */
export const KAMAILIO: ListedServer = kamailioServer();

export function kamailioServer({ callForwardingTimerMs = 60_000, hepTo }: KamailioSettings = {}): ListedServer {
  return {
    id: 'kamailio',
    title:
      "Kamailio with the lab's routing, containers/kamailio/: a simulation of what each source says, no Microsoft server",
    name: 'Kamailio',
    program: 'kamailio',
    policies: POLICIES,
    waits: asAsked,
    lacks: () => null,
    wayTo: wayByRules,
    speaksTls: true,
    bringUp: async (ground) => {
      const { sip, voicemail, control, workDir, modulesDir, transport, tls } = ground;
      const overTls = tls && (await ground.configuration({ from: 'made', name: 'tls.cfg', text: tlsConfig(tls) }));
      await ground.start([
        ...kamailioArgs({
          config: await ground.configuration({ from: 'ours', name: 'kamailio.cfg' }),
          workDir,
          sip,
          stream: tls === undefined ? 'tcp' : 'tls',
          modulesDir,
          defines: [
            'LISTEN_GIVEN',
            `VOICEMAIL="${routeTo({ ...voicemail, transport })}"`,
            ...(overTls === undefined ? [] : [`TLS_CONFIG="${overTls}"`]),
            `PROVISIONING_PORT=${control.listen.port}`,
            `CALL_FORWARDING_TIMER_MS="${callForwardingTimerMs}"`,
            ...(hepTo === undefined ? [] : [`HEP_TO="sip:${hepTo.host}:${hepTo.port}"`]),
          ],
        }),
        '-l',
        `tcp:${control.listen.host}:${control.listen.port}`,
      ]);
      // UDP workers answer some milliseconds before TCP is open, on 6.0 more often than on 5.6.
      await ground.answersHttp();
      return { provision: (subscribers) => provisionKamailio(control.reach, subscribers) };
    },
  };
}
