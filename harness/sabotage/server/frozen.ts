import type { StartedKamailio } from '../../lab/kamailio.ts';
import { watchingEndpoint } from '../lab/recorders.ts';
import { carriesInhibitor } from '../marked-calls.ts';
import { keptFrom } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { editedConfig } from './config-edit.ts';
import { OBEYS_NOTHING } from './disobedient.ts';

/** A little more than a caller's patience in the situations of this matrix. */
const FROZEN_MS = 2450;

export const frozen: readonly Sabotage[] = [
  {
    id: 'server-frozen',
    title: `The server reads no header, and stands still for ${FROZEN_MS / 1000} s once a phone rings for a call with one.`,
    breaks: 'server',
    meantFor: keptFrom('voicemail'),
    // One call after the other, so that the control is over when the server stands still.
    calls: { situations: ['voicemail-no-answer'], perSecond: 1 },
    begin: () => {
      const kamailio = new FreezableProcess();
      return {
        editConfig: editedConfig([OBEYS_NOTHING]),
        onServer: (server) => kamailio.is(server),
        changeSite: watchingEndpoint('phone', ({ direction, bytes }) => {
          if (direction === 'in' && carriesInhibitor(bytes)) kamailio.freeze();
        }),
        tookPlace: () => kamailio.frozen,
      };
    },
  },
];

/** All processes of a server, stopped once and sent on again. */
class FreezableProcess {
  frozen = false;
  #group = 0;

  is({ pid, exited }: StartedKamailio): void {
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
