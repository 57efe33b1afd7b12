/**
 * What an application that places the calls is told and what it says: docs/callers.md in types. It describes itself once; then
 * it gets its surroundings through the environment, and calls through its standard input, a line of JSON each.
 */

import type { SipAddress } from '../../model/server.ts';
import { CALLERS, type CallerBehaviour } from '../../model/words.ts';
import { countOf, shortText, wordsOf, yesOrNo } from '../../processes/description.ts';
import type { CallPlan, PlannedCall } from '../caller.ts';

/** What an application says of itself. */
export interface ApplicationDescription {
  readonly name: string;
  readonly version: string;
  readonly behaviours: ReadonlySet<CallerBehaviour>;
  /** Calls that it can have under way at once. */
  readonly maxCalls: number;
  /** It puts header lines that it is given into the INVITE. */
  readonly headers: boolean;
  /** It answers a 401 or 407 with the user name and password that it is given. */
  readonly credentials: boolean;
}

/** @throws {DescriptionFault} that names the field */
export function applicationDescription(said: Readonly<Record<string, unknown>>): ApplicationDescription {
  return {
    name: shortText('name', said.name),
    version: shortText('version', said.version),
    behaviours: wordsOf('behaviours', said.behaviours ?? ['patient'], CALLERS),
    maxCalls: countOf('maxCalls', said.maxCalls ?? 1),
    headers: yesOrNo('headers', said.headers ?? false),
    credentials: yesOrNo('credentials', said.credentials ?? false),
  };
}

/** The environment of an application that is to place calls. */
export function callEnvironment(options: {
  /** Where every INVITE, and whatever no Route of its dialog says otherwise, is to go. */
  readonly proxy: SipAddress;
  /** Address to bind to. */
  readonly local: string;
}): Record<string, string> {
  const { proxy, local } = options;
  return {
    RINGFENCE_ACTION: 'call',
    RINGFENCE_PROXY: `${proxy.host}:${proxy.port}`,
    RINGFENCE_LOCAL: local,
    RINGFENCE_TRANSPORT: 'udp',
    RINGFENCE_FROM: 'sip:customer@outside.test',
  };
}

/**
 * A call to place, as a line for it. `talkMs` is how long an answered call lasts, nothing for who hangs up in the greeting;
 * `hangUpAfterRingingMs` is null but for who hangs up while it rings.
 */
export function callLine(call: PlannedCall, plan: CallPlan): string {
  return JSON.stringify({
    uri: requestUri(call, plan),
    behaviour: plan.caller,
    patienceMs: plan.patienceMs,
    hangUpAfterRingingMs: plan.caller === 'hang-up-while-ringing' ? plan.hangUpAfterRingingMs : null,
    talkMs: plan.caller === 'hang-up-in-greeting' ? 0 : plan.talkMs,
    headers: call.headers,
    credentials: call.credentials ?? null,
  });
}

export function requestUri({ callee, domain }: PlannedCall, { uriParameters }: CallPlan): string {
  return `sip:${callee}@${domain}${uriParameters}`;
}
