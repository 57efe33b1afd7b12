import type { CellRow } from '../model/results.ts';
import type { Trap } from '../model/scenario.ts';
import { isFinal, isInviteRequest, type Message, methodOf, sortOf, statusOf } from './message.ts';
import { roleOf, trapOf } from './traps.ts';

/** The message with which a call left the course that was expected of it. */
export interface Deviation {
  /** `forbidden`: it should not have come. `missing`: the control had it, this call did not. `different`: the control had none such. */
  readonly kind: 'forbidden' | 'missing' | 'different';
  /** A message of the call; of its control when `missing`. */
  readonly message: Message;
}

/** What is wrong with its message. */
export const DEVIATION_WORDS: Readonly<Record<Deviation['kind'], string>> = {
  forbidden: 'must not come',
  missing: 'the control has it, this call has not',
  different: 'the control has none such',
};

interface JudgedCall extends Pick<CellRow, 'verdict' | 'feature' | 'trap' | 'expected'> {
  readonly observed: Pick<CellRow['observed'], 'outcome'>;
}

/** @returns null: it went as its control did, or there is none to hold it against */
export function firstDeviation(
  cell: JudgedCall,
  messages: readonly Message[],
  control: readonly Message[] | null,
): Deviation | null {
  return forbiddenMessage(cell, messages) ?? (control === null ? null : againstControl(messages, control));
}

export function reachesTrap(trap: Trap, message: Message): boolean {
  if (message.to !== roleOf(trap) || statusOf(message) !== null) return false;
  return trap === 'missed-call-inbox'
    ? ['MESSAGE', 'NOTIFY', 'PUBLISH'].includes(methodOf(message))
    : isInviteRequest(message);
}

function forbiddenMessage(cell: JudgedCall, messages: readonly Message[]): Deviation | null {
  const { verdict, expected, observed } = cell;
  if (verdict !== 'fail') return null;
  const trap = trapOf(cell);
  const message =
    expected.outcome === 'suppressed' && observed.outcome === 'engaged'
      ? messages.find((each) => reachesTrap(trap, each))
      : messages.find((each) => isWrongFinal(messages, each, expected.statuses));
  return message === undefined ? null : { kind: 'forbidden', message };
}

/** The final response to the caller, where the sources allow others only. */
export function isWrongFinal(messages: readonly Message[], message: Message, allowed: readonly number[]): boolean {
  const status = statusOf(message);
  if (status === null || !isFinal(messages, message)) return false;
  return allowed.length > 0 && !allowed.includes(status);
}

/** How often a message is repeated, and 100 Trying, hang on the lab's speed: they are no deviation. */
function againstControl(messages: readonly Message[], control: readonly Message[]): Deviation | null {
  const expected = new Set(control.map(sortOf));
  const seen = new Set(messages.map(sortOf));
  const extra = messages.find((message) => statusOf(message) !== 100 && !expected.has(sortOf(message)));
  const missing = control.find((message) => statusOf(message) !== 100 && !seen.has(sortOf(message)));
  if (missing !== undefined && (extra === undefined || missing.atMs < extra.atMs)) {
    return { kind: 'missing', message: missing };
  }
  return extra === undefined ? null : { kind: 'different', message: extra };
}
