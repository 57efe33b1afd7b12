import { callerBreaks } from './lab/caller-breaks.ts';
import { recorderBreaks } from './lab/recorder-breaks.ts';
import { oddIdentity } from './path/odd-identity.ts';
import { oddReliable } from './path/odd-reliable.ts';
import { oddSpelling } from './path/odd-spelling.ts';
import { oddTiming } from './path/odd-timing.ts';
import { oddWords } from './path/odd-words.ts';
import { plainPaths } from './path/plain-rules.ts';
import { speakingPaths } from './path/speaking-rules.ts';
import type { Sabotage } from './sabotage.ts';
import { disguised } from './server/disguised.ts';
import { disobedient } from './server/disobedient.ts';
import { elsewhere } from './server/elsewhere.ts';
import { frozen } from './server/frozen.ts';
import { lawfulServers } from './server/lawful.ts';
import { notices } from './server/notices.ts';
import { recursion } from './server/recursion.ts';

/** All sabotages, in the order of the report. */
export const sabotages: readonly Sabotage[] = [
  ...disobedient,
  ...elsewhere,
  ...disguised,
  ...notices,
  ...frozen,
  ...lawfulServers,
  ...recursion,
  ...plainPaths,
  ...speakingPaths,
  ...oddTiming,
  ...oddWords,
  ...oddSpelling,
  ...oddIdentity,
  ...oddReliable,
  ...callerBreaks,
  ...recorderBreaks,
];
