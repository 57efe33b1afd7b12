/** Header syntax, RFC 3261 7.3.1 and [MS-SIPRE] 2.2.10: what counts as the header, and what does not. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type CallPlan, type CallSeen, TestLab } from './lab.ts';
import { expectStages } from './stages.ts';

const NO_DIVERSION = ['phone', 480] as const;
const SECONDARY = ['phone', 487] as const; // hung up by the caller: the server has no timer
const REJECTED = ['', 400] as const;
const IGNORED = ['phone > voicemail', 200] as const;

const SPELLINGS: Record<string, readonly [lines: readonly string[], outcome: readonly [string, number]]> = {
  'name in lower case': [['ms-sensitivity: private-no-diversion'], NO_DIVERSION],
  'name in upper case': [['MS-SENSITIVITY: normal-no-diversion'], NO_DIVERSION],
  'value in mixed case': [['Ms-Sensitivity: Private-No-Diversion'], NO_DIVERSION],
  'no blank after the colon': [['Ms-Sensitivity:private-no-diversion'], NO_DIVERSION],
  'blank before the colon': [['Ms-Sensitivity : private-no-diversion'], NO_DIVERSION],
  'blanks and tabs around the value': [['Ms-Sensitivity: \t private-no-diversion \t '], NO_DIVERSION],
  'folded before the value': [['Ms-Sensitivity:\r\n private-no-diversion'], NO_DIVERSION],
  'folded after the value': [['Ms-Sensitivity: private-no-diversion\r\n '], NO_DIVERSION],
  'a value that is none': [['Ms-Sensitivity: none'], REJECTED],
  'an empty value': [['Ms-Sensitivity:'], REJECTED],
  'a value with a parameter': [['Ms-Sensitivity: private-no-diversion;x=1'], REJECTED],
  'two values in one line': [['Ms-Sensitivity: normal, private'], REJECTED],
  'twice the same': [['Ms-Sensitivity: normal', 'Ms-Sensitivity: normal'], REJECTED],
  'twice, in other spellings': [['Ms-Sensitivity: private', 'ms-sensitivity: normal'], REJECTED],
  'invalid beside a secondary target': [['Ms-Target-Class: secondary', 'Ms-Sensitivity: no'], REJECTED],
  'target class, name in lower case': [['ms-target-class: secondary'], SECONDARY],
  'target class, value in upper case': [['Ms-Target-Class: SECONDARY'], SECONDARY],
  'target class, padded': [['Ms-Target-Class:   secondary  '], SECONDARY],
  'target class, folded': [['Ms-Target-Class:\r\n\tsecondary'], SECONDARY],
  'target class, twice': [['Ms-Target-Class: secondary', 'Ms-Target-Class: secondary'], SECONDARY],
  'target class, second of two': [['Ms-Target-Class: primary', 'Ms-Target-Class: secondary'], SECONDARY],
  'target class, first of two': [['Ms-Target-Class: secondary', 'Ms-Target-Class: primary'], SECONDARY],
  'target class primary': [['Ms-Target-Class: primary'], IGNORED],
  'target class unknown': [['Ms-Target-Class: tertiary'], IGNORED],
  'target class empty': [['Ms-Target-Class:'], IGNORED],
  'target class, part of a word': [['Ms-Target-Class: secondary-school'], IGNORED],
  'another name': [['X-Ms-Target-Class: secondary'], IGNORED],
  'the name as a value': [['Subject: Ms-Sensitivity: private-no-diversion'], IGNORED],
  'caller preferences, no-fork': [['Request-Disposition: no-fork'], IGNORED],
  'caller preferences, no-redirect': [['Request-Disposition: no-redirect'], IGNORED],
  'caller preferences, automata': [['Reject-Contact: *;automata'], IGNORED],
  'caller preferences, msg-taker': [['Reject-Contact: *;actor="msg-taker"'], IGNORED],
  'caller preferences, principal': [['Accept-Contact: *;actor="principal";require;explicit'], IGNORED],
  'answer mode': [['Answer-Mode: Manual'], IGNORED],
  priority: [['Priority: psap-callback'], IGNORED],
  'made up': [['X-No-Voicemail: true'], IGNORED],
};
/** `plain` knows none of these: whatever the spelling, the call is diverted. */
const PLAIN = ['a value that is none', 'twice the same', 'value in mixed case', 'target class, twice'];

const plans = new Map<string, CallPlan>();
for (const [name, [lines, outcome]] of Object.entries(SPELLINGS)) {
  plans.set(name, { headers: lines, ...(outcome === SECONDARY ? { hangUpAfterMs: 1_200 } : {}) });
}
for (const name of PLAIN) plans.set(`plain: ${name}`, { headers: SPELLINGS[name]?.[0] ?? [], policy: 'plain' });

let lab: TestLab;
let seen: Record<string, CallSeen>;
beforeAll(async () => {
  lab = await TestLab.start();
  seen = await lab.run(Object.fromEntries(plans));
});
afterAll(() => lab[Symbol.asyncDispose]());

it.each([...plans.keys()])('%s', (name) => {
  const [reached, final] = name.startsWith('plain: ') ? IGNORED : (SPELLINGS[name]?.[1] ?? REJECTED);
  expectStages(seen[name] as CallSeen, reached);
  expect(seen[name]?.final).toBe(final);
});
