import type { HeaderVariant, Scenario } from '../model/scenario.ts';
import { FEATURES, ROUTING_FLAGS, ROUTING_LISTS, TRAPS } from '../model/words.ts';
import { Checker } from './checker.ts';

const CALLEE_WORDS = ['ring', 'answer', 'busy', 'decline', 'decline-everywhere', 'do-not-disturb', 'unregistered'];
const CALLERS = ['patient', 'hang-up-while-ringing', 'hang-up-in-greeting'];
const SCENARIO_KINDS = ['diversion', 'over-blocking', 'not-a-diversion'];
const VARIANT_KINDS = ['control', 'inhibitor', 'decoy', 'malformed'];
const SPELLINGS = ['folded', 'padded'];
/** MS-SIPRE 2.2.9.5 recommends waits of 0 to 1200 s; a lab that takes minutes for one call is a slip of the pen. */
const LONGEST_WAIT_MS = 60_000;

/**
 * Takes what a user's scenario file exports and makes sure that it is a scenario.
 *
 * @throws {UsageError} naming `file`, the path inside (`subscriber.waits.totalMs`), what was seen and what is allowed.
 */
export function checkScenario(value: unknown, file: string): Scenario {
  const check = new Checker(file);
  const scenario = check.object(value, '', [
    'id',
    'title',
    'feature',
    'subscriber',
    'callee',
    'caller',
    'dials?',
    'trap',
    'kind',
    'assert?',
  ]);
  check.id(scenario.id, 'id');
  check.text(scenario.title, 'title');
  check.oneOf(scenario.feature, 'feature', FEATURES);
  checkSubscriber(check, scenario.subscriber);
  checkCallee(check, scenario.callee);
  check.oneOf(scenario.caller, 'caller', CALLERS);
  if (scenario.dials !== undefined) check.oneOf(scenario.dials, 'dials', ['aor', 'voice-mail-gruu']);
  check.oneOf(scenario.trap, 'trap', TRAPS);
  check.oneOf(scenario.kind, 'kind', SCENARIO_KINDS);
  if (scenario.assert !== undefined && typeof scenario.assert !== 'function') {
    check.fail('assert', scenario.assert, 'a function (seen, expect) => void, or nothing');
  }
  return value as Scenario;
}

/** The same for a row of the matrix. @throws {UsageError} */
export function checkVariant(value: unknown, file: string): HeaderVariant {
  const check = new Checker(file);
  const variant = check.object(value, '', ['id', 'title', 'headers', 'kind', 'claims']);
  check.id(variant.id, 'id');
  check.text(variant.title, 'title');
  check.oneOf(variant.kind, 'kind', VARIANT_KINDS);
  for (const [index, claim] of check.array(variant.claims, 'claims').entries()) check.id(claim, `claims[${index}]`);
  const headers = check.array(variant.headers, 'headers');
  for (const [index, field] of headers.entries()) checkHeader(check, field, `headers[${index}]`);
  if ((variant.kind === 'control') !== (headers.length === 0)) {
    check.fail('headers', headers, 'no header field for kind "control" and at least one for every other kind');
  }
  return value as HeaderVariant;
}

function checkSubscriber(check: Checker, value: unknown): void {
  const subscriber = check.object(value, 'subscriber', ['flags', 'lists', 'waits', 'voicemail', 'doNotDisturb']);
  check.setOf(subscriber.flags, 'subscriber.flags', ROUTING_FLAGS);
  check.setOf(subscriber.lists, 'subscriber.lists', ROUTING_LISTS);
  const waits = check.object(subscriber.waits, 'subscriber.waits', ['totalMs', 'userMs', 'team2Ms']);
  for (const [name, wait] of Object.entries(waits))
    check.milliseconds(wait, `subscriber.waits.${name}`, LONGEST_WAIT_MS);
  check.boolean(subscriber.voicemail, 'subscriber.voicemail');
  check.boolean(subscriber.doNotDisturb, 'subscriber.doNotDisturb');
}

function checkCallee(check: Checker, value: unknown): void {
  if (typeof value !== 'object' || value === null) {
    check.oneOf(value, 'callee', CALLEE_WORDS, ' or { answerAfterMs: milliseconds }');
    return;
  }
  const { answerAfterMs } = check.object(value, 'callee', ['answerAfterMs']);
  check.milliseconds(answerAfterMs, 'callee.answerAfterMs', LONGEST_WAIT_MS);
}

function checkHeader(check: Checker, field: unknown, path: string): void {
  if (typeof field === 'string') {
    const colon = field.indexOf(':');
    if (colon === -1) check.fail(path, field, 'a header field "Name: value"');
    check.headerName(field.slice(0, colon), path);
    check.headerValue(field.slice(colon + 1), path);
    return;
  }
  const { name, value, spelling } = check.object(field, path, ['name', 'value', 'spelling']);
  check.headerName(name, `${path}.name`);
  check.headerValue(value, `${path}.value`);
  check.oneOf(spelling, `${path}.spelling`, SPELLINGS);
}
