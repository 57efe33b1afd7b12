/** What each policy makes of each header, for a callee who never answers. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RoutingFlag } from '../../harness/model/scenario.ts';
import type { Statement } from '../../harness/model/words.ts';
import { type CallPlan, type CallSeen, TestLab } from './lab.ts';
import { expectStages } from './stages.ts';

const HEADERS = {
  none: [],
  normal: ['Ms-Sensitivity: normal'],
  private: ['Ms-Sensitivity: private'],
  'normal-no-diversion': ['Ms-Sensitivity: normal-no-diversion'],
  'private-no-diversion': ['Ms-Sensitivity: private-no-diversion'],
  secondary: ['Ms-Target-Class: secondary'],
  both: ['Ms-Target-Class: secondary', 'Ms-Sensitivity: private-no-diversion'],
};
type HeaderSet = keyof typeof HEADERS;

const SETTINGS: Record<string, readonly RoutingFlag[]> = {
  voicemail: [],
  forward: ['enablecf'],
  'forward-now': ['enablecf', 'forward_immediate'],
  simultaneous: ['simultaneous_ring'],
  team: ['team_ring'],
  delegates: ['delegate_ring'],
  'delegates-only': ['delegate_ring', 'skip_primary'],
};

/** A row: whose calls are diverted, team ring included, whose are not, and whose reach registered endpoints only. */
const DIVERTED = {
  voicemail: 'phone > voicemail',
  forward: 'phone > forward-target',
  'forward-now': 'forward-target',
  simultaneous: 'phone + simultaneous-ring > voicemail',
  team: 'phone > team > voicemail',
  delegates: 'phone > delegate > voicemail',
  'delegates-only': 'delegate > voicemail',
};
const NOT_DIVERTED = {
  voicemail: 'phone',
  forward: 'phone',
  'forward-now': '',
  simultaneous: 'phone + simultaneous-ring',
  team: 'phone',
  delegates: 'phone > delegate',
  'delegates-only': 'delegate',
};
const ENDPOINTS_ONLY = Object.fromEntries(Object.keys(SETTINGS).map((setting) => [setting, 'phone']));
type Reached = Readonly<Record<string, string>>;

const SPEC: Record<HeaderSet, Reached> = {
  none: DIVERTED,
  normal: DIVERTED,
  private: DIVERTED,
  'normal-no-diversion': NOT_DIVERTED,
  'private-no-diversion': NOT_DIVERTED,
  secondary: ENDPOINTS_ONLY,
  both: ENDPOINTS_ONLY,
};
const NOBODY_BUT_DELEGATES = { ...ENDPOINTS_ONLY, 'delegates-only': '' };
const EXPECTED: Record<Statement, Record<HeaderSet, Reached>> = {
  'ms-sipre': SPEC,
  'blog-2012': { ...SPEC, 'normal-no-diversion': DIVERTED, 'private-no-diversion': DIVERTED },
  'comment-2013': SPEC,
  'ucma-doc': {
    ...SPEC,
    private: { ...DIVERTED, team: 'phone > voicemail' },
    'normal-no-diversion': { ...NOT_DIVERTED, team: 'phone > team' },
  },
  'rgs-2009': { ...SPEC, secondary: NOBODY_BUT_DELEGATES, both: NOBODY_BUT_DELEGATES },
  plain: {
    ...SPEC,
    'normal-no-diversion': DIVERTED,
    'private-no-diversion': DIVERTED,
    secondary: DIVERTED,
    both: DIVERTED,
  },
};

interface Row {
  readonly policy: Statement;
  readonly set: HeaderSet;
  readonly setting: string;
  readonly reached: string;
}
const rows: Row[] = Object.entries(EXPECTED).flatMap(([policy, sets]) =>
  Object.entries(sets).flatMap(([set, reached]) =>
    Object.entries(reached).map(([setting, who]) => ({ policy, set, setting, reached: who }) as Row),
  ),
);

/** Longer than any timer of the server would have been: the call must be open still. */
const HANG_UP_AFTER_MS = 1_400;
const name = ({ policy, set, setting }: Row) => `${policy}, ${set}, ${setting}`;
const withoutServerTimer = ({ policy, set, reached }: Row) =>
  policy !== 'plain' && (set === 'secondary' || set === 'both') && reached !== '';

let lab: TestLab;
let seen: Record<string, CallSeen>;

beforeAll(async () => {
  lab = await TestLab.start();
  const plans = rows.map((row): [string, CallPlan] => {
    const plan = { policy: row.policy, flags: SETTINGS[row.setting] ?? [], headers: HEADERS[row.set] };
    return [name(row), withoutServerTimer(row) ? { ...plan, hangUpAfterMs: HANG_UP_AFTER_MS } : plan];
  });
  seen = await lab.run(Object.fromEntries(plans));
});
afterAll(() => lab[Symbol.asyncDispose]());

it.each(rows.map((row) => [name(row), row] as const))('%s', (title, row) => {
  const { reached } = row;
  const call = seen[title] as CallSeen;
  const endsInVoicemail = reached.endsWith('voicemail');
  const diverted = endsInVoicemail || reached.endsWith('forward-target');
  const rungInVain = /phone|delegate/.test(reached) && !endsInVoicemail;

  expectStages(call, reached);
  expect(call.final, 'final response').toBe(endsInVoicemail ? 200 : withoutServerTimer(row) ? 487 : 480);
  expect(
    call.responses.filter(({ status }) => status === 181),
    '181',
  ).toHaveLength(diverted ? 1 : 0);
  expect(call.notices, 'missed calls').toHaveLength(rungInVain && !withoutServerTimer(row) ? 1 : 0);
});
