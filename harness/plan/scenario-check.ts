/** Whether what a user's file exports is a scenario, or a row of the matrix. */
import * as v from 'valibot';
import { complaintAbout } from '../complaint.ts';
import { UsageError } from '../errors.ts';
import type { HeaderVariant, Scenario } from '../model/scenario.ts';
import { boolean, optional } from '../model/shapes.ts';
import {
  CALLEES,
  CALLERS,
  DIALLED,
  FEATURES,
  LEG_TRAPS,
  ROUTING_FLAGS,
  ROUTING_LISTS,
  SCENARIO_KINDS,
  TRAPS,
  VARIANT_KINDS,
  VOICEMAIL_SIGNS,
} from '../model/words.ts';
import { headerField } from './header-field.ts';
import { exactly, id, line, listOf, milliseconds, oneOf, setOf } from './user-shapes.ts';

/** MS-SIPRE 2.2.9.5 recommends waits of 0 to 1200 s; a lab that takes minutes for one call is a slip of the pen. */
const wait = milliseconds(60_000);

const answer = exactly({ answerAfterMs: wait });
const callee = oneOf(CALLEES, ' or { answerAfterMs: milliseconds }');

const scenario = exactly({
  id,
  title: line,
  feature: oneOf(FEATURES),
  subscriber: exactly({
    flags: setOf(ROUTING_FLAGS),
    lists: setOf(ROUTING_LISTS),
    waits: exactly({ totalMs: wait, userMs: wait, team2Ms: wait }),
    voicemail: boolean,
    doNotDisturb: boolean,
    heedsReason: optional(v.literal(true, 'true')),
  }),
  callee: v.lazy((value) => (typeof value === 'object' && value !== null ? answer : callee)),
  caller: oneOf(CALLERS),
  dials: optional(oneOf(DIALLED)),
  trap: oneOf(TRAPS),
  otherTraps: optional(setOf(LEG_TRAPS)),
  colleagues: optional(oneOf(['ring', 'all-ring'])),
  application: optional(
    exactly({
      alertMs: wait,
      next: optional(oneOf(['voicemail', 'delegate'])),
      parallel: optional(v.literal(true, 'true')),
      roundRobin: optional(v.literal(true, 'true')),
      hangsUpOn: optional(setOf(VOICEMAIL_SIGNS)),
      knows: optional(boolean),
    }),
  ),
  cancelledBy: optional(oneOf(['caller', 'answer', 'timer'])),
  voicemailSays: optional(setOf(['automata', 'server'])),
  kind: oneOf(SCENARIO_KINDS),
  assert: optional(v.function('a function (seen, expect) => void, or nothing')),
});

const variant = v.pipe(
  exactly({
    id,
    title: line,
    headers: listOf(headerField),
    onCancel: optional(listOf(line)),
    kind: oneOf(VARIANT_KINDS),
    claims: listOf(id),
  }),
  v.forward(
    v.check(
      ({ kind, headers, onCancel = [] }) => (kind === 'control') === (headers.length + onCancel.length === 0),
      'no header field for kind "control" and at least one for every other kind',
    ),
    ['headers'],
  ),
);

/** Something in a user's file is not as it must be. */
export class WrongInFile extends UsageError {
  /** From what was exported inwards: names of keys, numbers of items. */
  readonly path: readonly (string | number)[];
  /** The message without the file. */
  readonly said: string;

  constructor(file: string, path: readonly (string | number)[], said: string) {
    super(`${file}: ${said}`);
    this.path = path;
    this.said = said;
  }
}

/**
 * Takes what a user's scenario file exports and makes sure that it is a scenario.
 *
 * @throws {WrongInFile} naming `file`, the path inside (`subscriber.waits.totalMs`), what was seen and what is allowed.
 */
export function checkScenario(value: unknown, file: string): Scenario {
  return checked(scenario, value, file);
}

/** The same for a row of the matrix. @throws {WrongInFile} */
export function checkVariant(value: unknown, file: string): HeaderVariant {
  return checked(variant, value, file);
}

/** @throws {WrongInFile} */
export function checked<Schema extends v.GenericSchema>(
  schema: Schema,
  value: unknown,
  file: string,
): v.InferInput<Schema> {
  if (v.is(schema, value)) return value;
  const { path, place, kind, expected, found } = complaintAbout(schema, value, '', 1);
  const allowed = kind === 'surplus' ? `no such key, but ${expected}` : expected;
  throw new WrongInFile(file, path, `${place === '' ? '' : `${place}: `}found ${found}; allowed: ${allowed}`);
}
