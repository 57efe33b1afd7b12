/** Kamailio with the lab's own routing: it plays every policy, each as its source says. */

import { POLICIES } from '../../model/words.ts';
import { asAsked, type ListedServer } from '../server.ts';
import { wayByRules } from '../way-by-rules.ts';
import { kamailioArgs } from './command-line.ts';
import { provisionKamailio } from './provisioning.ts';
import { tlsConfig } from './tls-config.ts';

export interface KamailioSettings {
  /** [MS-SIPRE] 3.9.2: how long a forward target or voice mail may ring. @default 60_000 */
  readonly callForwardingTimerMs?: number;
}

/** As a run has it. */
export const KAMAILIO: ListedServer = kamailioServer();

export function kamailioServer({ callForwardingTimerMs = 60_000 }: KamailioSettings = {}): ListedServer {
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
      const { sip, voicemail, control, workDir, modulesDir, tls } = ground;
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
            `VOICEMAIL="sip:${voicemail.host}:${voicemail.port}${tls === undefined ? '' : ';transport=tls'}"`,
            ...(overTls === undefined ? [] : [`TLS_CONFIG="${overTls}"`]),
            `PROVISIONING_PORT=${control.listen.port}`,
            `CALL_FORWARDING_TIMER_MS="${callForwardingTimerMs}"`,
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
