import type { Scenario } from '../harness/model/scenario.ts';
import { missedCallSituations } from './missed-call.ts';
import { simultaneousRingSituations } from './simultaneous-ring.ts';
import { voicemailSituations } from './voicemail.ts';

function like(rows: readonly Scenario[], id: string): Scenario {
  const found = rows.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no situation ${id}`);
  return found;
}

const byCaller = like(missedCallSituations, 'missed-call-hangup-while-ringing');

/** Why a phone stops ringing: it learns so from the CANCEL, or not at all. Asked for by `--set`. */
export const cancelSituations: readonly Scenario[] = [
  {
    ...byCaller,
    id: 'cancelled-by-caller',
    title: 'The caller hangs up while it rings: what his CANCEL says gets to the phone',
    cancelledBy: 'caller',
  },
  {
    ...byCaller,
    id: 'cancelled-by-caller-heeded',
    title: 'The caller hangs up while it rings: a server that heeds his reason notes no call that was taken elsewhere',
    subscriber: { ...byCaller.subscriber, heedsReason: true },
    cancelledBy: 'caller',
  },
  {
    ...like(simultaneousRingSituations, 'simultaneous-ring'),
    id: 'cancelled-by-answer',
    title: 'Somebody else answers: the server cancels the phone that rang along',
    cancelledBy: 'answer',
  },
  {
    ...like(voicemailSituations, 'voicemail-no-answer'),
    id: 'cancelled-by-timer',
    title: "The server's time is over: it cancels the phone, and voice mail takes the call",
    cancelledBy: 'timer',
  },
];
