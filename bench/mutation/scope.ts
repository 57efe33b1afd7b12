/** What is mutated and by which tests it is tried. A new file that decides verdicts is one more glob here, if any. */

/** The code that turns what was on the wire, and what the sources say, into a verdict. */
export const MUTATED: readonly string[] = [
  'harness/judge/**/*.ts',
  'harness/model/{callee,checks,user-name}.ts',
  'harness/oracle/**/*.ts',
  'harness/run/{answers,attribution,canary,challenge,clocks,directory,fingerprint,gather,identity,inner-voicemail,lateness,legs,lodger,mentions,notices,observe,sightings,stall-watch,wire-log}.ts',
];

/**
 * Tests that need no lab, no browser and no program beside Node, and that reach the files above. They run thousands of
 * times: a test that takes seconds does not belong here.
 */
export const TRIED_BY: readonly string[] = [
  'test/proof.test.ts',
  'test/{model,plan}/**/*.test.ts',
  'test/judge/**/*.test.ts',
  'test/oracle/**/*.test.ts',
  'test/run/**/*.test.ts',
  'test/foreign-drachtio/legs.test.ts',
];
