import type { HeaderVariant, Scenario } from '../harness/model/scenario.ts';
import answeredByCallee from './answered-by-callee.ts';
import delegateRing from './delegate-ring.ts';
import directToVoicemail from './direct-to-voicemail.ts';
import forwardImmediate from './forward-immediate.ts';
import forwardNoAnswer from './forward-no-answer.ts';
import missedCallHangupInGreeting from './missed-call-hangup-in-greeting.ts';
import missedCallHangupWhileRinging from './missed-call-hangup-while-ringing.ts';
import simultaneousRing from './simultaneous-ring.ts';
import teamRing from './team-ring.ts';
import { answerMode } from './variants/answer-mode.ts';
import { bothHeaders } from './variants/both-headers.ts';
import { callerPreferences } from './variants/caller-preferences.ts';
import { none } from './variants/none.ts';
import { priority } from './variants/priority.ts';
import { sensitivity } from './variants/sensitivity.ts';
import { targetClass } from './variants/target-class.ts';
import { xNoVoicemail } from './variants/x-no-voicemail.ts';
import voicemailBusy from './voicemail-busy.ts';
import voicemailDeclined from './voicemail-declined.ts';
import voicemailDoNotDisturb from './voicemail-do-not-disturb.ts';
import voicemailImmediate from './voicemail-immediate.ts';
import voicemailNoAnswer from './voicemail-no-answer.ts';
import voicemailOffline from './voicemail-offline.ts';

export { claims } from './claims/index.ts';

/** The columns of the matrix, in the order in which reports show them. */
export const scenarios: readonly Scenario[] = [
  voicemailNoAnswer,
  voicemailBusy,
  voicemailDeclined,
  voicemailOffline,
  voicemailDoNotDisturb,
  voicemailImmediate,
  forwardNoAnswer,
  forwardImmediate,
  simultaneousRing,
  teamRing,
  delegateRing,
  missedCallHangupWhileRinging,
  missedCallHangupInGreeting,
  answeredByCallee,
  directToVoicemail,
];

/** The rows of the matrix, the control first. */
export const variants: readonly HeaderVariant[] = [
  ...none,
  ...targetClass,
  ...sensitivity,
  ...bothHeaders,
  ...callerPreferences,
  ...answerMode,
  ...priority,
  ...xNoVoicemail,
];
