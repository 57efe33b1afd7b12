import type { SubscriberSettings } from '../harness/model/scenario.ts';

/** A subscriber with a mailbox and no rules: unanswered calls go to voice mail. Every other one says what differs. */
export const subscriber: SubscriberSettings = {
  flags: [],
  lists: [],
  waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
  voicemail: true,
  doNotDisturb: false,
};
