import { CANARY_USER } from '../../run/identity.ts';
import type { ServerProcess } from '../../runtime/process/server-process.ts';
import { tryParse } from '../../sip/index.ts';
import { watchingEndpoint } from '../lab/recorders.ts';
import { isMarked } from '../marked-calls.ts';
import { keptWhileWaiting } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { editedConfig } from './config-edit.ts';
import { OBEYS_NOTHING } from './disobedient.ts';

/** A little more than a caller's patience in the situations of this matrix. */
const FROZEN_MS = 2450;

const TO_A_CANARY = new RegExp(`^INVITE sip:${CANARY_USER.source}@`);

/** Between the second round of canaries and the third: the first came before the calls. */
const AFTER_ROUND = 2;

export const frozen: readonly Sabotage[] = [
  {
    id: 'server-frozen',
    title: `The server reads no header, and between two rounds of canaries, while a phone rings for a call with one, it stands still for ${FROZEN_MS / 1000} s.`,
    breaks: 'server',
    once: true,
    meantFor: keptWhileWaiting,
    // So that calls are placed after the second round, and are over, controls too, before the server stands still.
    calls: { situations: ['voicemail-no-answer', 'forward-no-answer', 'team-ring'], perSecond: 3 },
    begin: () => {
      const kamailio = new FreezableProcess();
      let rounds = 0;
      const countRounds = watchingEndpoint('team', ({ direction, bytes }) => {
        if (direction === 'in' && TO_A_CANARY.test(bytes.toString('latin1'))) rounds += 1;
      });
      const freezeAtRinging = watchingEndpoint('phone', ({ direction, bytes }) => {
        if (rounds < AFTER_ROUND || direction === 'out') return;
        const message = tryParse(bytes);
        if (message !== null && isMarked(message)) kamailio.freeze();
      });
      return {
        editConfig: editedConfig([OBEYS_NOTHING]),
        onServer: (server) => kamailio.is(server),
        changeSite: (site) => freezeAtRinging(countRounds(site)),
        tookPlace: () => kamailio.frozen,
      };
    },
  },
];

/** All processes of a server, stopped once and sent on again. */
class FreezableProcess {
  frozen = false;
  #group = 0;

  is({ pid, exited }: ServerProcess): void {
    this.#group = -pid;
    void exited.then(() => {
      this.#group = 0; // its number may be somebody else's by now
    });
  }

  freeze(): void {
    if (this.frozen || this.#group === 0) return;
    this.frozen = true;
    process.kill(this.#group, 'SIGSTOP');
    setTimeout(() => {
      if (this.#group !== 0) process.kill(this.#group, 'SIGCONT');
    }, FROZEN_MS);
  }
}
