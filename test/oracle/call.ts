import type { Scenario, SubscriberSettings, Waits } from '../../harness/model/scenario.ts';

export type CallSettings = Partial<Omit<SubscriberSettings, 'waits'>> & {
  readonly waits?: Partial<Waits>;
} & Partial<Pick<Scenario, 'callee' | 'caller' | 'dials' | 'trap'>>;

/** To a subscriber with a mailbox and no rules, whose phone rings unanswered and whose caller waits; but for `settings`. */
export function callTo(settings: CallSettings = {}): Scenario {
  const { flags = [], lists = [], waits, voicemail = true, doNotDisturb = false, ...call } = settings;
  return {
    id: 'any',
    title: 'Any.',
    feature: 'voicemail',
    subscriber: {
      flags,
      lists,
      waits: { totalMs: 2000, userMs: 1500, team2Ms: 2000, ...waits },
      voicemail,
      doNotDisturb,
    },
    callee: 'ring',
    caller: 'patient',
    trap: 'voicemail',
    kind: 'diversion',
    ...call,
  };
}
