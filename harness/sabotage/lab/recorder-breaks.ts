/** Labs that do not see what happens at voice mail. */

import type { Lab } from '../../run/lab.ts';
import { tryParse } from '../../sip/index.ts';
import { isMarked, MarkedCalls } from '../marked-calls.ts';
import { keptFrom } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { editedConfig } from '../server/config-edit.ts';
import { OBEYS_NOTHING } from '../server/disobedient.ts';
import { recordedOnlyIf, watchingEndpoint } from './recorders.ts';

export const recorderBreaks: readonly Sabotage[] = [
  {
    id: 'voice-mail-unrecorded',
    title: 'Voice mail keeps no record.',
    breaks: 'lab',
    meantFor: keptFrom('voicemail', 'missed-call-inbox'),
    begin: () => {
      let lost = 0;
      return {
        changeSite: recordedOnlyIf('voicemail', () => {
          lost += 1;
          return false;
        }),
        tookPlace: () => lost > 0,
      };
    },
  },
  {
    id: 'recorder-loses-calls-with-the-header',
    title: "The server reads no header, and voice mail's recorder loses just the calls that had one.",
    breaks: 'lab',
    meantFor: keptFrom('voicemail'),
    begin: () => {
      const lost = new Set<string>();
      return {
        editConfig: editedConfig([OBEYS_NOTHING]),
        changeSite: recordedOnlyIf('voicemail', ({ bytes }) => {
          const message = tryParse(bytes);
          const callId = message?.header('Call-ID') ?? '';
          if (message !== null && isMarked(message)) lost.add(callId);
          return !lost.has(callId);
        }),
        tookPlace: () => lost.size > 0,
      };
    },
  },
  {
    id: 'voice-mail-dies-in-mid-run',
    title: 'Voice mail ends, without a word, when the first call with the header is over and its window is still open.',
    breaks: 'lab',
    once: true,
    meantFor: keptFrom('voicemail', 'missed-call-inbox'),
    begin: () => {
      let lab: Lab | undefined;
      let ended = false;
      const marked = new MarkedCalls();
      return {
        onLab: (started) => {
          lab = started;
        },
        // By what happens, not by the clock: on a busy machine every window may be closed when the callers say that they are done.
        changeSite: watchingEndpoint('phone', ({ bytes }) => {
          const message = tryParse(bytes);
          if (message === null || !marked.has(message) || ended || lab === undefined) return;
          if (message.kind !== 'response' || message.status < 300 || !message.header('CSeq')?.endsWith(' INVITE'))
            return;
          ended = true;
          void lab.endpoints.voicemail.stop();
        }),
        tookPlace: () => ended,
      };
    },
  },
];
