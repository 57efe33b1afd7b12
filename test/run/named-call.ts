/** A call of this run, another one, and messages at voice mail that may be of either. */
import { attribute } from '../../harness/run/attribution.ts';
import { Directory } from '../../harness/run/directory.ts';
import type { WireItem } from '../../harness/run/wire-log.ts';
import { item, type Written } from '../helpers/wire.ts';

export const TOKEN = 'k3f9';
export const CALL_ID = 'k3f9g1-patient-17@127.0.0.2';
export const BRANCH = 'z9hG4bK-k3f9g1-17-i';
export const KEY = 'k3f9-17';

export const called: WireItem = item('caller', 'out', 0, {
  line: 'INVITE sip:alice-k3f9-17@ms-sipre.test',
  to: '<sip:alice-k3f9-17@ms-sipre.test>',
  callId: CALL_ID,
  branch: BRANCH,
});
export const ofAnother: WireItem = item('caller', 'out', 0, {
  line: 'INVITE sip:alice-k3f9-18@ms-sipre.test',
  callId: 'k3f9g1-patient-18@127.0.0.2',
  branch: 'z9hG4bK-k3f9g1-18-i',
});

export const INVITE = 'INVITE sip:voicemail@127.0.0.3';
/** At voice mail, behind a server that has changed Call-ID and branch and all users. */
export const renamed = (over: Partial<Written> = {}): WireItem =>
  item('voicemail', 'in', 600, { line: INVITE, callId: 'b2bua', branch: 'z9hG4bK-b2bua', ...over });

export const keysOf = (...items: WireItem[]): string[] =>
  [...attribute([called, ofAnother, ...items], new Directory(TOKEN)).calls]
    .filter(([, messages]) => messages.some(({ to, from }) => to !== 'caller' && from !== 'caller'))
    .map(([key]) => key);
