import type { HeaderVariant, Scenario } from '../harness/model/scenario.ts';
import { cancelSituations } from './cancel-reason.ts';
import { delegateRingSituations } from './delegate-ring.ts';
import { forwardingSituations } from './forwarding.ts';
import { missedCallSituations } from './missed-call.ts';
import { responseGroupSituations } from './response-group.ts';
import { severalFeatures } from './several-features.ts';
import { simultaneousRingSituations } from './simultaneous-ring.ts';
import { teamRingSituations } from './team-ring.ts';
import { answerMode } from './variants/answer-mode.ts';
import { bothHeaders } from './variants/both-headers.ts';
import { callerPreferences } from './variants/caller-preferences.ts';
import { cancelRows } from './variants/cancel-reason.ts';
import { none } from './variants/none.ts';
import { priority } from './variants/priority.ts';
import { sensitivity } from './variants/sensitivity.ts';
import { targetClass } from './variants/target-class.ts';
import { xNoVoicemail } from './variants/x-no-voicemail.ts';
import { voicemailSituations } from './voicemail.ts';
import { workArounds } from './work-arounds.ts';

export { claims } from './claims/index.ts';
export { sentences } from './claims/sentences.ts';

/** The columns of the matrix, in the order in which reports show them. */
export const scenarios: readonly Scenario[] = [
  ...voicemailSituations,
  ...forwardingSituations,
  ...simultaneousRingSituations,
  ...teamRingSituations,
  ...delegateRingSituations,
  ...missedCallSituations,
];

interface SituationSet {
  readonly situations: readonly Scenario[];
  readonly rows?: readonly string[];
  readonly ownRows?: readonly HeaderVariant[];
}

/** Situations that are asked for by name, in the place of the columns: `--set ID`. With these rows alone, where it says so. */
export const sets: Readonly<Record<string, SituationSet>> = {
  'several-features': { situations: severalFeatures },
  'response-group': { situations: responseGroupSituations, rows: ['none', 'target-class-secondary'] },
  'cancel-reason': { situations: cancelSituations, rows: ['none'], ownRows: cancelRows },
  'work-arounds': { situations: workArounds, rows: ['none', 'target-class-secondary'] },
};

/** Several of them as one: whatever row one of them has, all have. */
export function together(ids: readonly string[]): SituationSet {
  const asked = ids.flatMap((id) => sets[id] ?? []);
  const all = asked.every(({ rows }) => rows !== undefined);
  return {
    situations: asked.flatMap(({ situations }) => situations),
    ...(all && { rows: asked.flatMap(({ rows = [] }) => rows) }),
    ownRows: asked.flatMap(({ ownRows = [] }) => ownRows),
  };
}

/** Every situation that there is. */
export const everySituation: readonly Scenario[] = [
  ...scenarios,
  ...Object.values(sets).flatMap(({ situations }) => situations),
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

/** Every row that there is. */
export const everyRow: readonly HeaderVariant[] = [
  ...variants,
  ...Object.values(sets).flatMap(({ ownRows = [] }) => ownRows),
];
